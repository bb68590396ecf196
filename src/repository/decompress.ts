import type { Duplex } from "node:stream";
import { PassThrough, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { Failure } from "../base/failure.ts";
import { loadExeca } from "../base/load-execa.ts";
import { errorCode } from "../base/system-error.ts";

/** How a file or a member of one is compressed, by the ending of its name; null for a form that Debian does not have. */
export type Compression = "none" | "gzip" | "bzip2" | "zstd" | "xz";

export function compressionOf(ending: string): Compression | null {
  return endings.get(ending) ?? null;
}

/** Bytes as they come out of a decompressor. Disposing ends it, and waits until nothing more is taken of what goes in. */
export interface Decompressed extends AsyncDisposable {
  readonly stream: Readable;
}

/** The bytes behind some compressed ones. An error of either side is the stream's. */
export async function decompressed(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
): Promise<Decompressed> {
  const stream = await decompressor(compression);
  const source = Readable.from(bytes, { objectMode: false });
  const closed = new Promise((resolve) => void source.once("close", resolve));
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
 * @throws Failure compressor-missing (infrastructure).
 */
export async function compressXz(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const execa = await loadExeca();
  const { stdout } = await execa("xz", ["--compress", "--stdout", "-6", "--threads=1"], {
    input: bytes,
    encoding: "buffer",
    stripFinalNewline: false,
    cancelSignal: signal,
    maxBuffer: 1024 ** 3,
  }).catch((thrown: unknown) => {
    throw behind(thrown);
  });
  return stdout;
}

/** The failure of a program that is not there; anything else as it came. */
function withoutProgram(thrown: unknown): unknown {
  if (errorCode(thrown) !== "ENOENT" || !(thrown instanceof Error) || !("syscall" in thrown)) return thrown;
  const [, program] = /^spawn (xz|bzip2)$/.exec(String(thrown.syscall)) ?? [];
  if (program === undefined) return thrown;
  return new Failure(
    "infrastructure",
    "compressor-missing",
    `This machine has no ${program}, which Debian packages need`,
    {
      hint: `Install it: \`apt-get install ${program === "xz" ? "xz-utils" : program}\`.`,
      cause: thrown,
    },
  );
}

/**
 * What lies behind the failure to read a compressed tar: a Failure of its source or of a program that is not there, or else the first
 * error of all.
 */
export function behind(thrown: unknown): unknown {
  let inner: unknown = thrown;
  for (let each: unknown = thrown; each instanceof Error; each = each.cause) {
    inner = withoutProgram(each);
    if (inner instanceof Failure && inner.code !== "tar-malformed") return inner;
  }
  return inner instanceof Failure ? new Error(inner.message, { cause: inner }) : inner;
}

const endings: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  ["", "none"],
  [".gz", "gzip"],
  [".zst", "zstd"],
  [".xz", "xz"],
  [".lzma", "xz"],
  [".bz2", "bzip2"],
]);

async function decompressor(compression: Compression): Promise<Duplex> {
  if (compression === "none") return new PassThrough();
  if (compression === "gzip") return createGunzip();
  if (compression === "zstd") return createZstdDecompress();
  const options = compression === "xz" ? [`--memlimit=${memoryLimit}`] : [];
  const execa = await loadExeca();
  return execa(compression, ["--decompress", "--stdout", ...options], {
    encoding: "buffer",
    buffer: false,
    forceKillAfterDelay: false,
  }).duplex();
}

/** What `xz -9` needs to be unpacked is 65 MiB; a hostile file may claim any. */
const memoryLimit = "256MiB";
