import { Readable, pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Failure } from "../../base/failure.ts";
import { loadExeca } from "../../base/load-execa.ts";
import { isMissing } from "../../base/system-error.ts";
import { brokenInitramfs } from "./broken.ts";

/** How the kernel can have its initramfs compressed (usr/Kconfig). */
export type Compression = "gzip" | "zstd" | "xz" | "lzma" | "lz4" | "bzip2" | "lzo";

const beginnings: readonly (readonly [Compression, string])[] = [
  ["gzip", "1f8b"],
  ["zstd", "28b52ffd"],
  ["xz", "fd377a585a00"],
  ["lzma", "5d0000"],
  ["lz4", "02214c18"],
  ["bzip2", "425a68"],
  ["lzo", "894c5a"],
];

/** Programs that decompress from standard input to standard output what Node does not. */
const programs = {
  xz: ["xz", "-dc"],
  lzma: ["xz", "--format=lzma", "-dc"],
  lz4: ["lz4", "-dc"],
  bzip2: ["bzip2", "-dc"],
  lzo: ["lzop", "-dc"],
} as const;

/** The compression that these first bytes tell of, or null. */
export function compressionOf(bytes: Buffer): Compression | null {
  const hex = bytes.toString("hex");
  return beginnings.find(([, beginning]) => hex.startsWith(beginning))?.[0] ?? null;
}

/**
 * The bytes decompressed, as they come. Leaving early ends whatever runs.
 * @throws Failure bad-initramfs (package), program-missing (infrastructure) where a program is needed and not there.
 */
export async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (compression === "gzip" || compression === "zstd") {
      const transform = compression === "gzip" ? createGunzip() : createZstdDecompress();
      // What goes wrong is thrown by the loop, too.
      for await (const chunk of pipeline(Readable.from(bytes), transform, () => {})) yield asBytes(chunk);
    } else yield* throughProgram(bytes, compression);
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw brokenInitramfs(`it is no whole ${compression} stream`, thrown);
  }
}

async function* throughProgram(
  bytes: AsyncIterable<Uint8Array>,
  compression: keyof typeof programs,
): AsyncGenerator<Uint8Array, void, undefined> {
  const [program, ...flags] = programs[compression];
  const execa = await loadExeca();
  const child = execa(program, flags, { input: Readable.from(bytes), encoding: "buffer", buffer: false });
  // The child's end is awaited below; until then its failure must not count as unhandled.
  child.catch(() => undefined);
  try {
    for await (const chunk of child.iterable({ from: "stdout", binary: true })) yield asBytes(chunk);
  } catch (thrown) {
    if (!isMissing(causeOf(thrown))) throw thrown;
    throw new Failure(
      "infrastructure",
      "program-missing",
      `There is no program ${program} to decompress the initramfs with`,
      {
        hint: `Install it: apt install ${program === "xz" ? "xz-utils" : program}.`,
      },
    );
  } finally {
    child.kill();
  }
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw brokenInitramfs("its decompressor gives no bytes");
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
}
