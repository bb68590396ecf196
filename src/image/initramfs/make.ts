import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Digest } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { formatSize } from "../../base/size.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";

/** An initramfs in the store. */
export interface Initramfs {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What it is made for: a kernel's version, and the time that all files in it get, in seconds since the epoch. */
export interface InitramfsOrder {
  readonly version: string;
  readonly epoch: number;
}

const path = "/var/tmp/debkiln-initramfs.img";

/**
 * Makes an initramfs with the dracut (8) of the container, which has the image's packages and its configuration
 * (/usr/lib/dracut/dracut.conf.d). The same contents give the same bytes.
 * @throws Failure initramfs-failed (package).
 */
export async function makeInitramfs(
  kiln: Kiln,
  container: Container,
  { version, epoch }: InitramfsOrder,
  task: Task,
): Promise<Initramfs> {
  return task.step("initramfs", `Make the initramfs of Linux ${version}`, async (step) => {
    const said = new Tail(step);
    const argv = ["/usr/bin/dracut", "--force", "--quiet", "--no-hostonly", "--reproducible"];
    const { exitCode } = await container.run([...argv, "--tmpdir", "/var/tmp", "--kver", version, path], {
      stdout: said,
      stderr: said,
      environment: { LC_ALL: "C.UTF-8", SOURCE_DATE_EPOCH: String(epoch) },
      signal: kiln.signal,
    });
    if (exitCode !== 0) throw failed(said.text, exitCode);
    const made = await take(kiln, container);
    step.summary = formatSize(made.sizeBytes);
    return made;
  });
}

/** By `cat` rather than the engine's archive, whose tar would only have to be read again. */
async function take(kiln: Kiln, container: Container): Promise<Initramfs> {
  const directory = await kiln.store.temporaryDirectory();
  try {
    const file = join(directory, "initramfs");
    const output = new PassThrough();
    const [written, read] = await Promise.allSettled([
      write(output, file),
      container.run(["cat", path], { stdout: output, signal: kiln.signal }).finally(() => output.end()),
    ]);
    if (read.status === "rejected") throw read.reason;
    if (written.status === "rejected") throw written.reason;
    if (read.value.exitCode !== 0) throw failed("", read.value.exitCode);
    await kiln.store.adoptFile(file, written.value.digest);
    return written.value;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function write(chunks: AsyncIterable<Uint8Array>, file: string): Promise<Initramfs> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  await using handle = await open(file, "wx");
  for await (const chunk of chunks) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    await handle.writeFile(chunk);
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

function failed(output: string, exitCode: number): Failure {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  return new Failure("package", "initramfs-failed", `dracut failed (exit code ${exitCode}): ${last}`, {
    hint: "Its output is above. Most often a dracut module lacks the package that it needs.",
    details: { output, exitCode },
  });
}
