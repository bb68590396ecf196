import { createWriteStream } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../base/failure.ts";
import { checkFileName } from "../../debian/file-name.ts";
import { readTar } from "../../oci/tar-reader.ts";
import { isOriginal } from "./tree.ts";
import type { Subject } from "./subject.ts";

/**
 * Takes the original tarballs of a version out of a container's directory, and nothing else; gives the names of everything in it.
 * @throws Failure source-too-large, unsafe-file-name (package).
 */
export async function takeTarballs(
  tar: Readable,
  directory: string,
  subject: Subject,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  let total = 0;
  for await (const { header, content } of readTar(tar)) {
    if (header.type !== "file") continue;
    const name = checkFileName(header.path.slice(header.path.lastIndexOf("/") + 1), "An original tarball");
    names.push(name);
    if (!isOriginal(name, subject.stem)) continue;
    total += header.size;
    if (total > limitBytes) throw tooLarge(subject, total);
    await pipeline(content, createWriteStream(join(directory, name), { flags: "wx", mode: 0o644 }), {
      signal,
    });
  }
  return names;
}

/** As of a source that is downloaded. */
const limitBytes = 16 * 1024 ** 3;

function tooLarge({ name }: Subject, bytes: number): Failure {
  return new Failure(
    "package",
    "source-too-large",
    `The original tarballs of ${name}: ${bytes} bytes are more than the allowed ${limitBytes}`,
    { hint: "Check debian/watch and the branch pristine-tar." },
  );
}
