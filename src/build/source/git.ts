import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../base/failure.ts";
import { lastLines } from "../../base/last-lines.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";
import { loadExeca } from "../../base/load-execa.ts";

/** Where and until when git runs. */
export interface GitRun {
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads; nothing unless given. */
  readonly input?: string;
}

/**
 * Runs git on this machine and gives what it prints. Nothing of a repository runs with it: no hooks, file system monitors or
 * filters, and no submodules are followed. It speaks to nobody: what a partial clone lacks is not fetched, which would run
 * the ssh and upload-pack commands of its configuration (git < 2.45 has no other way to refuse that).
 * @throws Failure git-missing, git-failed (infrastructure).
 */
export async function git(argv: readonly string[], run: GitRun): Promise<string> {
  return await gitOver([], argv, run);
}

/** As `git`, over https and ssh, for commands that are about an address and run in no repository of others'. */
export async function gitOverNetwork(argv: readonly string[], run: GitRun): Promise<string> {
  return await gitOver(["https", "ssh"], argv, run);
}

async function gitOver(transports: readonly string[], argv: readonly string[], run: GitRun): Promise<string> {
  const execa = await loadExeca();
  const { failed, code, stdout, stderr } = await execa("git", [...safe, ...argv], {
    ...optionsOf(run, transports),
    reject: false,
  });
  run.signal.throwIfAborted();
  if (!failed) return stdout;
  throw code === "ENOENT" ? missing() : gitFailed(argv, stderr);
}

/** As `git`, for what prints much or no text: into a file. */
export async function gitInto(argv: readonly string[], file: Writable, run: GitRun): Promise<void> {
  const execa = await loadExeca();
  const running = execa("git", [...safe, ...argv], {
    ...optionsOf(run, []),
    reject: false,
    buffer: { stdout: false },
  });
  await pipeline(running.stdout, file);
  const { failed, stderr } = await running;
  run.signal.throwIfAborted();
  if (failed) throw gitFailed(argv, stderr);
}

const safe = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "gc.auto=0",
  "maintenance.auto=false",
].flatMap((setting) => ["-c", setting]);

/**
 * Without the variables that would point git elsewhere, as who calls may be git's own hook, and from a directory that is in no
 * repository, whose configuration would count. No password is asked for.
 */
function optionsOf({ signal, environment = {}, input = "" }: GitRun, transports: readonly string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^GIT_(?!SSH)/.test(name));
  return {
    cwd: "/",
    env: {
      ...Object.fromEntries(inherited),
      GIT_TERMINAL_PROMPT: "0",
      GIT_ALLOW_PROTOCOL: transports.length === 0 ? "none" : transports.join(":"),
      GIT_NO_LAZY_FETCH: "1",
      LC_ALL: "C.UTF-8",
      ...environment,
    },
    extendEnv: false,
    cancelSignal: signal,
    input,
    maxBuffer: 256 * 1024 ** 2,
  } as const;
}

function missing(): Failure {
  return new Failure("infrastructure", "git-missing", "There is no git on this machine", {
    hint: "Install it: apt install git.",
  });
}

function gitFailed(argv: readonly string[], said: string): Failure {
  const output = withoutSecrets(said);
  const command = argv.find((word) => /^[a-z]/.test(word)) ?? "";
  const last = lastLines(output, 1).trim();
  const isOthers = output.includes("detected dubious ownership");
  const reason = isOthers ? "the repository is another user's" : last === "" ? "no reason given" : last;
  return new Failure("infrastructure", "git-failed", `git ${command} failed: ${reason}`, {
    hint: isOthers
      ? `If you trust it: ${last}`
      : "Check the address and that you may read it; the details have all that git said.",
    details: { argv: argv.map(withoutSecrets), output },
  });
}
