import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { Failure } from "../base/failure.ts";
import { ExecAnswer } from "./answers.ts";
import { demultiplex } from "./demultiplex.ts";
import type { RunOptions } from "./engine.ts";
import { ExecStreams } from "./exec-streams.ts";
import { socketOf } from "./wire.ts";

/**
 * Runs a command in a container to its end and gives its exit code. Abortion is the caller's affair, who may give up what
 * does not end by it; an input that breaks or an output that closes ends the container.
 */
export async function execute(
  container: Docker.Container,
  argv: readonly string[],
  options: RunOptions,
  giveUp?: AbortSignal,
): Promise<number> {
  // An input may break before it is read; `feed` finds that out, until then an error without a listener would end us.
  options.input?.once("error", () => undefined);
  const exec = await container.exec({
    ...execRequest(argv, options),
    AttachStdin: options.input !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  });
  const { input, stdout, stderr } = options;
  const streams = new ExecStreams(await startExec(exec, { tty: false }), input !== undefined);
  giveUp?.addEventListener("abort", () => streams.close(), { once: true });
  const work = [
    demultiplex(streams.output, { stdout, stderr }),
    ...(input === undefined ? [] : [streams.feed(input)]),
  ];
  try {
    await Promise.all(work);
  } catch (thrown) {
    // Without its streams the command would go on with half its input or block on its output: it goes, as in an abort.
    await container.kill({ signal: "SIGKILL" }).catch(() => undefined);
    throw thrown;
  } finally {
    streams.close();
    input?.destroy();
    await Promise.allSettled(work);
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
