import type { Duplex } from "node:stream";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { execa } from "execa";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";

/** How a file or a member of one is compressed, by the ending of its name; null for a form that Debian does not have. */
export type Compression = "none" | "gzip" | "zstd" | "xz";

export function compressionOf(ending: string): Compression | null {
  return endings.get(ending) ?? null;
}

/** Bytes as they come out of a decompressor. Disposing ends it, and waits until nothing more is taken of what goes in. */
export interface Decompressed extends AsyncDisposable {
  readonly stream: Readable;
}

/** The bytes behind some compressed ones. An error of either side is the stream's. */
export function decompressed(bytes: AsyncIterable<Uint8Array>, compression: Compression): Decompressed {
  const source = Readable.from(bytes, { objectMode: false });
  const closed = new Promise((resolve) => void source.once("close", resolve));
  const stream = decompressor(compression);
  source.on("error", (error) => stream.destroy(error));
  stream.on("close", () => source.destroy());
  // Also of one that nobody reads any more.
  stream.on("error", () => undefined);
  source.pipe(stream);
  return {
    stream,
    [Symbol.asyncDispose]: async () => {
      stream.destroy();
      source.destroy();
      await closed;
    },
  };
}

/**
 * Bytes as xz(1) compresses them, the same for the same bytes. Node has no xz of its own.
 * @throws Failure xz-missing (infrastructure).
 */
export async function compressXz(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const { stdout } = await execa("xz", ["--compress", "--stdout", "-6", "--threads=1"], {
    input: bytes,
    encoding: "buffer",
    stripFinalNewline: false,
    cancelSignal: signal,
    maxBuffer: 1024 ** 3,
  }).catch((thrown: unknown) => {
    throw xzFailure(thrown);
  });
  return stdout;
}

/** The failure of xz not being there; anything else as it came. */
export function xzFailure(thrown: unknown): unknown {
  if (errorCode(thrown) !== "ENOENT") return thrown;
  return new Failure("infrastructure", "xz-missing", "This machine has no xz, which Debian packages need", {
    hint: "Install it: `apt-get install xz-utils`.",
    cause: thrown,
  });
}

const endings: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  ["", "none"],
  [".gz", "gzip"],
  [".zst", "zstd"],
  [".xz", "xz"],
  [".lzma", "xz"],
]);

function decompressor(compression: Compression): Duplex {
  if (compression === "none") return new PassThrough();
  if (compression === "gzip") return createGunzip();
  if (compression === "zstd") return createZstdDecompress();
  return execa("xz", ["--decompress", "--stdout", `--memlimit=${memoryLimit}`], {
    encoding: "buffer",
    buffer: false,
    forceKillAfterDelay: false,
  }).duplex();
}

/** What `xz -9` needs to be unpacked is 65 MiB; a hostile file may claim any. */
const memoryLimit = "256MiB";
