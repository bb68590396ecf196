import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { mainEngine } from "../engine.ts";
import { readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { scripts } from "./attack-package.ts";
import { kilnFor } from "../opened.ts";

const kiln = kilnFor("all tests", mainEngine);

test("a package that is to be signed meets neither the key nor its agent, and has no container when it is signed", async () => {
  const home = join(kiln.directory, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const env = { GNUPGHOME: home };
  const words = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
  await execa("gpg", [...words, "--quick-generate-key", "<person@mirror.example>", "ed25519", "sign"], {
    env,
  });
  const keys = await execa("gpg", ["--batch", "--with-colons", "--with-keygrip", "--list-secret-keys"], {
    env,
  });
  const [, keygrip = ""] = /^grp:+(\w+):/m.exec(keys.stdout) ?? [];
  const { stdout: agent } = await execa("gpgconf", ["--list-dirs", "agent-socket"], { env });
  const files = {
    ...(await scripts()),
    signer: `home='${home}'\nagent='${agent}'\nkeygrip='${keygrip}'\n`,
    "debian/tests/control": `Test-Command: bash seek.sh\nRestrictions: allow-stderr, needs-root\n`,
  };
  const tree = await writeTree(kiln.directory, { name: "bad-seeker", files, build: ["bash seek.sh"] });
  const there: (readonly string[])[] = [];
  await using gate = await openGate(async () => void there.push(await kiln.containers()));
  Object.assign(kiln.environment, env, {
    PATH: `${await gatedGpg(kiln.directory, gate.port)}:${kiln.environment["PATH"]}`,
    DEB_SIGN_KEYID: "person@mirror.example",
    GPG_TTY: "/dev/pts/0",
  });

  await kiln.succeed("build", "--no-arch-all", "--sign", "--autopkgtest", tree);

  const directory = join(kiln.directory, "bad-seeker_1.0_amd64");
  const { log, result } = await readRecords(directory);
  expect(log.match(/^GOT .*/gm)).toBe(null);
  expect(result.checks[0]).toMatchObject({ status: "pass" });
  // When it was built, and in its test.
  for (const attempt of [
    `list ${home}`,
    `connect ${agent}`,
    "agents",
    "key-file",
    "key",
    "variables",
    "programs",
  ])
    expect([attempt, log.split("\n").filter((line) => line === `held ${attempt}`).length]).toEqual([
      attempt,
      2,
    ]);
  expect(await readFile(join(directory, "bad-seeker_1.0_amd64.changes"), "utf8")).toContain(
    "BEGIN PGP SIGNATURE",
  );
  expect(there.length).toBeGreaterThan(0);
  expect(there.flat()).toEqual([]);
  await execa("gpgconf", ["--kill", "all"], { env });
});

/** A server that acts on each connection, and lets whoever waits for its end go on. */
async function openGate(act: () => Promise<void>): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((socket) => {
    void act().then(
      () => socket.end(),
      (thrown: unknown) => socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A directory with a gpg that passes the gate before it signs. */
async function gatedGpg(directory: string, port: number): Promise<string> {
  const bin = join(directory, "bin");
  await mkdir(bin);
  const { stdout: gpg } = await execa("which", ["gpg"]);
  const text = `#!/bin/bash
case "$*" in *sign*) exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3 && exec 3<&- ;; esac
exec ${gpg} "$@"
`;
  await writeFile(join(bin, "gpg"), text);
  await chmod(join(bin, "gpg"), 0o755);
  return bin;
}
