import { posix } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { asFailure, Failure } from "../base/failure.ts";
import type { RunOptions, RunResult } from "./engine.ts";

/** Runs a command in a container, as `Container.run` does. */
export type Run = (argv: readonly string[], options?: RunOptions) => Promise<RunResult>;

/**
 * Unpacks a tar with the container's own tar(1). An engine unpacks in the namespaces of a container's first process, and with
 * a runtime such as gVisor's what is in there is not what commands see. Gives false when there is no such directory.
 * @throws Failure engine-failed (infrastructure) with tar's words.
 */
export async function putInside(
  run: Run,
  directory: string,
  tar: Readable,
  signal?: AbortSignal,
): Promise<boolean> {
  const stop = signal === undefined ? {} : { signal };
  if ((await run(["test", "-d", directory], stop)).exitCode !== 0) return false;
  const said = new Said();
  const argv = ["tar", "-x", "-p", "--numeric-owner", "-f", "-", "-C", directory];
  const { exitCode } = await run(argv, { ...stop, input: tar, stdout: said, stderr: said });
  if (exitCode === 0) return true;
  throw new Failure(
    "infrastructure",
    "engine-failed",
    `tar could not unpack into ${directory}: ${said.text}`,
    {
      hint: "See that the disk under the engine has room, then run the command again.",
      details: { exitCode },
    },
  );
}

/** The tar of a file or directory, made as `putInside` unpacks; null when there is none. */
export async function getInside(run: Run, path: string): Promise<Readable | null> {
  if ((await run(["sh", "-c", '[ -e "$1" ] || [ -L "$1" ]', "sh", path])).exitCode !== 0) return null;
  const stdout = new PassThrough();
  const argv = ["tar", "-c", "-f", "-", "-C", posix.dirname(path), "--", posix.basename(path)];
  void run(argv, { stdout }).then(
    ({ exitCode }) =>
      exitCode === 0 ? stdout.end() : stdout.destroy(new Error(`tar of ${path} ended with ${exitCode}`)),
    (thrown: unknown) => stdout.destroy(asFailure(thrown)),
  );
  return stdout;
}

/** The end of what a command says. */
class Said extends PassThrough {
  text = "";

  override _transform(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text = (this.text + chunk.toString()).slice(-2000);
    done();
  }
}
