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
    // A resize that comes too late (the command has ended) is of no interest.
    const resize = () => void exec.resize({ h: stdout.rows, w: stdout.columns }).catch(() => undefined);
    const wasRaw = stdin.isRaw;
    try {
      if (stdin.isTTY) stdin.setRawMode(true);
      if (stdout.isTTY) {
        resize();
        stdout.on("resize", resize);
      }
      stdin.pipe(socket);
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
