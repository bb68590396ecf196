import { Readable, pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Digester } from "../base/digester.ts";
import { type Digest, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { readTar } from "../oci/tar-reader.ts";
import type { Kiln } from "./kiln.ts";
import type { Lock } from "./lock.ts";
import { imageChanges, imageReference, labels } from "./names.ts";

/**
 * The tar that a base was made of, byte for byte, out of its image: engines keep a layer such that its digest comes out
 * again (podman-save(1), docker-save(1)). The stream fails at its end when it does not.
 * @throws Failure base-altered (infrastructure), image-missing.
 */
export async function* baseRootfs(kiln: Pick<Kiln, "engine">, base: Digest): AsyncGenerator<Uint8Array> {
  yield* rootfsIn(await kiln.engine.save(imageReference("base", base)), base);
}

/** The tar of that digest in an image's archive. @throws Failure base-altered (infrastructure), tar-malformed, what the archive raises. */
export async function* rootfsIn(archive: Readable, base: Digest): AsyncGenerator<Uint8Array> {
  const digester = new Digester();
  for await (const { header, content } of readTar(archive)) {
    if (header.type !== "file" || header.size < 512) continue;
    const chunks = content[Symbol.asyncIterator]();
    const first = await chunks.next();
    const opened = first.done === true ? null : layerIn(first.value, chunks);
    if (opened === null) continue;
    const bytes: AsyncIterable<Uint8Array> = opened;
    yield* digester.through(bytes);
    if (digester.digest !== base) throw altered(base);
    return;
  }
  throw altered(base);
}

/**
 * Makes the image of a base from its tar, under the base's own name if that is what the bytes come to.
 * @throws Failure base-altered (infrastructure).
 */
export async function importBase(
  kiln: Kiln,
  { base, architecture, suite }: Pick<Lock, "base" | "architecture" | "suite">,
  tar: Readable,
  task: Task,
): Promise<void> {
  const reference = imageReference("base", base);
  const staging = imageReference("base", keyOf({ run: kiln.run, base, staging: true }));
  await task.step("base", "Bring the base image in", async () => {
    const digester = new Digester();
    const hashed = digester.stream();
    // What goes wrong on either side is the import's failure.
    pipeline(tar, hashed, () => undefined);
    const changes = imageChanges("base", { [labels.target]: `debian-${suite}-${architecture}` });
    try {
      await kiln.engine.import(hashed, staging, { changes, architecture, signal: kiln.signal });
      if (digester.digest !== base) throw altered(base);
      await kiln.engine.tag(staging, reference);
    } catch (thrown) {
      // zlib's own codes: what was altered may decompress to nothing at all.
      if (/^(?:ZSTD|Z)_/.test(errorCode(tar.errored) ?? "")) throw altered(base, tar.errored);
      throw thrown;
    } finally {
      await kiln.engine.removeImage(staging);
    }
  });
}

/** What a member of the archive holds if it is a layer: a tar, as it is or compressed; the others are JSON. */
function layerIn(first: Uint8Array, rest: AsyncIterator<Uint8Array>): Readable | null {
  const start = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, 512));
  const bytes = Readable.from(joined(first, rest), { objectMode: false });
  // What goes wrong on either side reaches whoever reads.
  if (start.readUInt16BE(0) === gzipMagic) return pipeline(bytes, createGunzip(), () => undefined);
  if (start.readUInt32LE(0) === zstdMagic) return pipeline(bytes, createZstdDecompress(), () => undefined);
  return start.toString("latin1", 257, 262) === "ustar" ? bytes : null;
}

const gzipMagic = 0x1f8b;
const zstdMagic = 0xfd2fb528;

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function altered(base: Digest, cause?: unknown): Failure {
  return new Failure(
    "infrastructure",
    "base-altered",
    `The base image ${base} has other bytes than its name says`,
    {
      hint: "Remove it with `debkiln env rm` and have it made afresh, or fetch the lock again.",
      details: { base },
      cause,
    },
  );
}
