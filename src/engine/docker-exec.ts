import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { Failure } from "../base/failure.ts";
import { ExecAnswer } from "./answers.ts";
import { deliver, demultiplex } from "./demultiplex.ts";
import type { RunOptions } from "./engine.ts";
import { socketOf } from "./wire.ts";

/**
 * Runs a command in a container to its end and gives its exit code. Abortion is the caller's affair; an input that breaks
 * or an output that closes ends the container.
 */
export async function execute(
  container: Docker.Container,
  argv: readonly string[],
  options: RunOptions,
): Promise<number> {
  const exec = await container.exec({
    ...execRequest(argv, options),
    AttachStdin: options.input !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  });
  const socket = await startExec(exec, { tty: false });
  const feeding = options.input === undefined ? undefined : feed(options.input, socket);
  const reading = demultiplex(socket, { stdout: options.stdout, stderr: options.stderr });
  try {
    await Promise.all([reading, feeding]);
  } catch (thrown) {
    // Without its streams the command would go on with half its input or block on its output: it goes, as in an abort.
    await container.kill({ signal: "SIGKILL" }).catch(() => undefined);
    throw thrown;
  } finally {
    socket.destroy();
    options.input?.destroy();
    await Promise.allSettled([reading, feeding]);
  }
  return exitCodeOf(exec);
}

/** The part of an exec's creation that all of ours have alike. */
export function execRequest(
  argv: readonly string[],
  options: Pick<RunOptions, "user" | "directory" | "environment">,
): Docker.ExecCreateOptions {
  return {
    Cmd: [...argv],
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.directory === undefined ? {} : { WorkingDir: options.directory }),
    Env: Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`),
  };
}

/** Starts an exec with its connection taken over, so that standard input can be ended alone (half-close). */
export async function startExec(exec: Docker.Exec, { tty }: { readonly tty: boolean }): Promise<Socket> {
  // With `hijack` docker-modem gives the connection's own socket, whatever its types say.
  return socketOf(await exec.start({ hijack: true, stdin: true, Tty: tty, Detach: false }));
}

/**
 * Sends the input and then its end. A command that ends or closes its input early is no failure; an input that breaks
 * is one, for the command would take what it got for the whole.
 */
async function feed(input: Readable, socket: Socket): Promise<void> {
  const chunks: AsyncIterator<Uint8Array> = input[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await nextOrClosed(chunks, socket);
    if (done === true) break;
    try {
      await deliver(socket, Buffer.from(value));
    } catch {
      return;
    }
  }
  socket.end();
}

async function nextOrClosed(
  chunks: AsyncIterator<Uint8Array>,
  socket: Socket,
): Promise<IteratorResult<Uint8Array, undefined>> {
  if (socket.destroyed) return { done: true, value: undefined };
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  socket.once("close", close);
  try {
    const ended = closed.then(() => ({ done: true, value: undefined }) as const);
    return await Promise.race([chunks.next(), ended]);
  } finally {
    socket.off("close", close);
  }
}

/** The exit code, for which podman may need a moment after the end of the output. */
export async function exitCodeOf(exec: Docker.Exec): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { Running: running, ExitCode: code } = ExecAnswer.parse(await exec.inspect());
    if (!running && code !== null && code !== undefined) return code;
    await delay(Math.min(5 + attempt, 50));
  }
  throw new Failure(
    "infrastructure",
    "engine-lost",
    "The engine closed a command's output but says that it still runs",
    {
      hint: "Look at the engine's own log, then run `debkiln doctor`.",
    },
  );
}
