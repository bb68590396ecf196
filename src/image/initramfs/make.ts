import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { formatSize } from "../../base/size.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";
import { type StoredFile, takeFile } from "../root/take-file.ts";

/** What it is made for: a kernel's version, and the time that all files in it get, in seconds since the epoch. */
export interface InitramfsOrder {
  readonly version: string;
  readonly epoch: number;
}

const path = "/var/tmp/debkiln-initramfs.img";

/**
 * Makes an initramfs with the dracut (8) of the container, which has the image's packages and its configuration
 * (/usr/lib/dracut/dracut.conf.d). The same contents give the same bytes.
 * @throws Failure initramfs-failed (package), export-failed (infrastructure).
 */
export async function makeInitramfs(
  kiln: Kiln,
  container: Container,
  { version, epoch }: InitramfsOrder,
  task: Task,
): Promise<StoredFile> {
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
    const made = await takeFile(kiln, container, path);
    step.summary = formatSize(made.sizeBytes);
    return made;
  });
}

function failed(output: string, exitCode: number): Failure {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  return new Failure("package", "initramfs-failed", `dracut failed (exit code ${exitCode}): ${last}`, {
    hint: "Its output is above. Most often a dracut module lacks the package that it needs.",
    details: { output, exitCode },
  });
}
