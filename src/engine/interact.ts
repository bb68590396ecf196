import { setTimeout as delay } from "node:timers/promises";
import type { WriteStream } from "node:tty";
import type Docker from "dockerode";
import { apiFailure } from "./api-failure.ts";
import { deliver } from "./demultiplex.ts";
import { execRequest, exitCodeOf, startExec } from "./docker-exec.ts";
import type { RunOptions } from "./engine.ts";

/** Runs a command on this process's terminal: raw keys in, raw bytes out, the size kept right (SIGWINCH). */
export async function interact(
  container: Docker.Container,
  argv: readonly string[],
  options: Pick<RunOptions, "user" | "directory" | "environment">,
): Promise<number> {
  const { stdin, stdout } = process;
  try {
    const exec = await container.exec({
      ...execRequest(argv, options),
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
    });
    const socket = await startExec(exec, { tty: true });
    const resize = () => void fit(exec, stdout);
    const wasRaw = stdin.isRaw;
    try {
      if (stdin.isTTY) stdin.setRawMode(true);
      if (stdout.isTTY) stdout.on("resize", resize);
      // What is typed waits, so that nothing reads it before its terminal has a size.
      const fitted = stdout.isTTY ? fit(exec, stdout) : Promise.resolve();
      void fitted.then(() => socket.destroyed || stdin.pipe(socket));
      const output: AsyncIterable<Uint8Array> = socket;
      for await (const chunk of output) await deliver(stdout, chunk);
    } finally {
      stdout.off("resize", resize);
      stdin.unpipe(socket).pause();
      if (stdin.isTTY) stdin.setRawMode(wasRaw);
      socket.destroy();
    }
    return await exitCodeOf(exec);
  } catch (thrown) {
    throw apiFailure(thrown, `run ${argv[0] ?? "a command"} on the terminal`);
  }
}

/** Gives a command's terminal the size of ours. podman refuses that until the command runs; one that has ended needs none. */
async function fit(exec: Docker.Exec, { rows, columns }: WriteStream): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return void (await exec.resize({ h: rows, w: columns }));
    } catch {
      await delay(50);
    }
  }
}

const attempts = 10;
