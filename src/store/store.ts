import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { access, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { z } from "zod";
import { type Digest, hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { diskFailure } from "./disk.ts";

/** What a blob must be; a mismatch is a failure and leaves nothing behind. */
export interface Expected {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly path: string;
  readonly sizeBytes: number;
  readonly lastUsed: Date;
}

/**
 * Bytes by digest and memos by key, in one directory of the user's cache. Files appear by rename, so readers and writers
 * of any number of processes need no lock, and a process that dies leaves at most a file under `tmp/`.
 */
export class Store {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  blobPath(digest: Digest): string {
    const hex = hexOf(digest);
    return join(this.directory, "blobs", "sha256", hex.slice(0, 2), hex);
  }

  async hasBlob(digest: Digest): Promise<boolean> {
    return access(this.blobPath(digest)).then(
      () => true,
      () => false,
    );
  }

  /** A blob's bytes. @throws Failure blob-missing (infrastructure). */
  openBlob(digest: Digest): Readable {
    return createReadStream(this.blobPath(digest));
  }

  /** Marks a blob as used now: what `gc` by age goes by. */
  async touchBlob(digest: Digest): Promise<void> {
    const now = new Date();
    await utimes(this.blobPath(digest), now, now).catch(ignoreMissing);
  }

  /**
   * Takes a stream in while hashing it.
   * @throws Failure checksum-mismatch (infrastructure) when it is not what was expected, disk-full.
   */
  async putBlob(
    content: Readable,
    expected: Expected,
    origin: string,
    arrived: (bytes: number) => void = () => {},
  ): Promise<void> {
    const temporary = await this.temporaryFile();
    const hash = createHash("sha256");
    let size = 0;
    try {
      await pipeline(
        content,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            size += chunk.length;
            arrived(chunk.length);
            if (size > expected.sizeBytes)
              throw mismatch(origin, expected, { digest: null, sizeBytes: size });
            yield chunk;
          }
        },
        createWriteStream(temporary, { flags: "wx" }),
      );
      const got: Expected = { digest: `sha256:${hash.digest("hex")}`, sizeBytes: size };
      if (size !== expected.sizeBytes || got.digest !== expected.digest)
        throw mismatch(origin, expected, got);
      await moveInto(temporary, this.blobPath(expected.digest));
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw diskFailure(thrown, this.directory);
    }
  }

  /** Takes text or bytes in; gives their digest. */
  async putBytes(content: string | Uint8Array): Promise<Digest> {
    const digest: Digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    if (!(await this.hasBlob(digest))) await this.write(this.blobPath(digest), content);
    return digest;
  }

  async readBytes(digest: Digest): Promise<Buffer> {
    return readFile(this.blobPath(digest));
  }

  /** Every blob with its size and when it was last used. */
  async *blobs(): AsyncGenerator<StoredBlob> {
    const root = join(this.directory, "blobs", "sha256");
    for (const hex of await readdir(root, { recursive: true }).catch(emptyIfMissing)) {
      const name = hex.split("/").at(-1) ?? "";
      if (name.length !== 64) continue;
      const path = join(root, hex);
      const status = await stat(path).catch(nullIfMissing);
      if (status === null) continue;
      yield { digest: `sha256:${name}`, path, sizeBytes: status.size, lastUsed: status.mtime };
    }
  }

  /** What was remembered under a key, or null. An entry that no longer fits the schema counts as absent. */
  async recall<T>(kind: string, key: Digest, schema: z.ZodType<T>): Promise<T | null> {
    const text = await readFile(this.memoPath(kind, key), "utf8").catch(nullIfMissing);
    if (text === null) return null;
    const parsed = schema.safeParse(parseJson(text));
    return parsed.success ? parsed.data : null;
  }

  /** Remembers a value under a key, replacing what was there in one step. */
  async remember(kind: string, key: Digest, value: unknown): Promise<void> {
    await this.write(this.memoPath(kind, key), JSON.stringify(value));
  }

  async forget(kind: string, key: Digest): Promise<void> {
    await rm(this.memoPath(kind, key), { force: true });
  }

  /** A new directory of this process's own under the store, for the caller to remove. */
  async temporaryDirectory(): Promise<string> {
    const path = join(this.directory, "tmp", `${process.pid}-${randomBytes(8).toString("hex")}`);
    await this.make(path);
    return path;
  }

  memoPath(kind: string, key: Digest): string {
    return join(this.directory, "memo", kind, `${hexOf(key)}.json`);
  }

  private async write(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = await this.temporaryFile();
    try {
      await writeFile(temporary, content, { flag: "wx" });
      await moveInto(temporary, path);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw diskFailure(thrown, this.directory);
    }
  }

  private async make(directory: string): Promise<void> {
    await makeDirectory(directory).catch((thrown: unknown) => {
      throw diskFailure(thrown, this.directory);
    });
  }

  private async temporaryFile(): Promise<string> {
    const directory = join(this.directory, "tmp");
    await this.make(directory);
    return join(directory, `${process.pid}-${randomBytes(8).toString("hex")}`);
  }
}

async function moveInto(temporary: string, path: string): Promise<void> {
  await makeDirectory(dirname(path));
  await rename(temporary, path);
}

/** What came: without a digest when it was not read to its end. */
interface Got {
  readonly digest: Digest | null;
  readonly sizeBytes: number;
}

function mismatch(origin: string, expected: Expected, got: Got): Failure {
  const { sizeBytes, digest } = expected;
  const says =
    got.sizeBytes < sizeBytes
      ? `is cut short: ${got.sizeBytes} of ${sizeBytes} bytes`
      : got.sizeBytes > sizeBytes
        ? `is longer than the ${sizeBytes} bytes it should have`
        : `has the checksum ${got.digest}, not ${digest}`;
  return new Failure("infrastructure", "checksum-mismatch", `${origin} ${says}`, {
    hint: "The mirror or a proxy gave other bytes than the signed index names. Try again, or another mirror.",
    details: { origin, expected, got },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A memo that cannot be read is a memo that is not there; it is made again.
    return null;
  }
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR")
  );
}

function ignoreMissing(thrown: unknown): void {
  if (!isMissing(thrown)) throw thrown;
}

function nullIfMissing(thrown: unknown): null {
  ignoreMissing(thrown);
  return null;
}

function emptyIfMissing(thrown: unknown): string[] {
  ignoreMissing(thrown);
  return [];
}
