import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { ownedDirectory } from "../base/owned-directory.ts";

/** A child process that gives us a socket in a directory of our own (mode 0700). */
export interface SocketProcess extends AsyncDisposable {
  readonly socketPath: string;
}

export interface SocketProcessOptions {
  /** The command's name in messages. */
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** What the command says when no waiting helps. */
  readonly hopeless?: RegExp;
}

/**
 * Starts a command that is to listen on a socket and waits until `ready` says that it does. The command is no child of
 * the terminal: Ctrl-C must reach debkiln alone, which still needs the socket to clean up. Its standard input ends with
 * this process, however that ends.
 * @throws Failure engine-service-failed (infrastructure) with the command's own words.
 */
export async function startSocketProcess(
  command: (socketPath: string) => readonly [program: string, ...argv: string[]],
  ready: (socketPath: string) => Promise<void>,
  options: SocketProcessOptions,
): Promise<SocketProcess> {
  const { environment } = options;
  const directory = await ownedDirectory(runtimeDirectory(environment), "debkiln-engine-");
  const socketPath = join(directory.path, "engine.sock");
  const [program, ...argv] = command(socketPath);
  const child = spawn(program, argv, {
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
    env: environment,
    // conmon leaves a file "oom" in the directory it was started from.
    cwd: "/",
  });
  const stop = async () => {
    child.kill("SIGTERM");
    child.stdin.destroy();
    await directory[Symbol.asyncDispose]();
  };
  try {
    await untilReady(child, () => ready(socketPath), options);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  // Neither the process nor its pipes may keep debkiln alive.
  child.unref();
  for (const pipe of [child.stdin, child.stderr]) if (pipe instanceof Socket) pipe.unref();
  return { socketPath, [Symbol.asyncDispose]: stop };
}

async function untilReady(
  child: ChildProcess,
  ready: () => Promise<void>,
  { name, timeout, signal, hopeless }: SocketProcessOptions,
): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = once(child, "close").then(
    () => "it ended",
    (error: unknown) => String(error),
  );
  const deadline = performance.now() + timeout;
  let reason: unknown;
  let end: string | null = null;
  while (performance.now() < deadline && end === null && hopeless?.test(said) !== true) {
    if (signal !== undefined) throwIfAborted(signal);
    try {
      await ready();
      return;
    } catch (thrown) {
      reason = thrown;
    }
    end = await Promise.race([ended, delay(5, null)]);
  }
  const why = said.trim() || end || `no answer in ${timeout / 1000} s`;
  throw new Failure("infrastructure", "engine-service-failed", `${name} did not give a socket: ${why}`, {
    hint: `Run ${name} by hand to see why, then \`debkiln doctor\`.`,
    cause: reason,
  });
}

function runtimeDirectory(environment: NodeJS.ProcessEnv): string {
  const runtime = environment["XDG_RUNTIME_DIR"] ?? "";
  return runtime.startsWith("/") ? runtime : tmpdir();
}
