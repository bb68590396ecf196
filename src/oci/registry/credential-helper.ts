import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { errorCode } from "../../base/system-error.ts";
import { parseJson } from "../../base/parse-json.ts";
import type { Credentials } from "./credentials.ts";

const Answer = z.looseObject({ Username: z.string(), Secret: z.string() });

/**
 * Asks a program `docker-credential-NAME` for a login (docker-credential-helpers: the registry on standard input, JSON on
 * standard output); null when it has none. @throws Failure credential-helper-failed (infrastructure).
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credentials | null> {
  if (!/^[\w.-]+$/.test(name)) throw helperFailed(name, "it is not a program's name");
  const program = `docker-credential-${name}`;
  const { exitCode, stdout, stderr } = await ask(program, registry, environment);
  if (exitCode !== 0) {
    // The protocol has no code for "none": helpers print this sentence of the docker-credential-helpers library.
    if (/credentials not found/i.test(stdout + stderr)) return null;
    throw helperFailed(
      program,
      `it ended with ${String(exitCode)}: ${printableLine(stderr || stdout).slice(0, 300)}`,
    );
  }
  const parsed = Answer.safeParse(parseJson(stdout));
  if (!parsed.success) throw helperFailed(program, "its answer is not in the helpers' form");
  const { Username: user, Secret: secret } = parsed.data;
  if (user === "<token>") return { kind: "identity-token", token: secret };
  return user === "" && secret === "" ? null : { kind: "password", user, password: secret };
}

async function ask(
  program: string,
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly exitCode: unknown; readonly stdout: string; readonly stderr: string }> {
  const helper = spawn(program, ["get"], { env: { ...environment }, timeout: patienceMs });
  const ended = once(helper, "close").catch((thrown: unknown) => {
    const reason = errorCode(thrown) === "ENOENT" ? "it is not installed" : String(thrown);
    throw helperFailed(program, reason, thrown);
  });
  // A helper need not read what it is told.
  helper.stdin.on("error", () => undefined);
  helper.stdin.end(registry);
  const [stdout, stderr, [exitCode]] = await Promise.all([text(helper.stdout), text(helper.stderr), ended]);
  return { exitCode, stdout, stderr };
}

/** A keyring may ask its user to unlock it. */
const patienceMs = 120_000;

function helperFailed(program: string, reason: string, cause?: unknown): Failure {
  return new Failure("infrastructure", "credential-helper-failed", `No login from ${program}: ${reason}`, {
    hint: "Run it by hand, or take it out of the auth file and log in with `podman login`.",
    ...(cause === undefined ? {} : { cause }),
  });
}
