import { createReadStream, createWriteStream } from "node:fs";
import { readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { z } from "zod";
import { Digester } from "../base/digester.ts";
import { type Digest, digestOf, hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { ownedName } from "../base/owner-mark.ts";
import { isMissing, nullIfMissing } from "../base/system-error.ts";
import { parseJson } from "../base/parse-json.ts";
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

  /** Whether a blob is there; where its size is known, with that size: a power loss may have cut it short. */
  async hasBlob(digest: Digest, sizeBytes?: number): Promise<boolean> {
    const status = await stat(this.blobPath(digest)).catch(nullIfMissing);
    return status !== null && (sizeBytes === undefined || status.size === sizeBytes);
  }

  /** A blob's bytes. @throws Failure blob-missing (infrastructure). */
  openBlob(digest: Digest): Readable {
    return createReadStream(this.blobPath(digest));
  }

  /**
   * A blob's bytes, hashed on their way: its error after the last of them is a Failure, blob-damaged (infrastructure), when
   * they are not what they should be. The blob is removed then.
   */
  openChecked(digest: Digest): Readable {
    return Readable.from(this.checked(digest), { objectMode: false });
  }

  private async *checked(digest: Digest): AsyncGenerator<Buffer> {
    const digester = new Digester();
    const chunks: AsyncIterable<Buffer> = this.openBlob(digest);
    yield* digester.through(chunks);
    if (digester.digest === digest) return;
    await this.removeBlob(digest);
    throw new Failure("infrastructure", "blob-damaged", `What is kept of ${digest} was altered on the disk`, {
      hint: "It has been removed: try again, and it is fetched again.",
      details: { digest },
    });
  }

  /** Marks a blob as used now: what `gc` by age goes by. */
  async touchBlob(digest: Digest): Promise<void> {
    const now = new Date();
    await utimes(this.blobPath(digest), now, now).catch(nullIfMissing);
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
    const digester = new Digester();
    try {
      await pipeline(
        content,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            digester.update(chunk);
            arrived(chunk.length);
            const { sizeBytes } = digester;
            if (sizeBytes > expected.sizeBytes) throw mismatch(origin, expected, { digest: null, sizeBytes });
            yield chunk;
          }
        },
        createWriteStream(temporary, { flags: "wx" }),
      );
      const { digest, sizeBytes } = digester;
      if (sizeBytes !== expected.sizeBytes || digest !== expected.digest)
        throw mismatch(origin, expected, { digest, sizeBytes });
      await moveInto(temporary, this.blobPath(expected.digest));
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw diskFailure(thrown, this.directory);
    }
  }

  /** Takes text or bytes in; gives their digest. */
  async putBytes(content: string | Uint8Array): Promise<Digest> {
    const digest = digestOf(content);
    const sizeBytes = Buffer.byteLength(content);
    if (!(await this.hasBlob(digest, sizeBytes))) await this.write(this.blobPath(digest), content);
    return digest;
  }

  /** Takes a file of a temporary directory of this store's in, whose digest the caller has just found out. */
  async adoptFile(file: string, digest: Digest): Promise<void> {
    await moveInto(file, this.blobPath(digest)).catch((thrown: unknown) => {
      throw diskFailure(thrown, this.directory);
    });
  }

  /** A small blob's bytes, marked as used now; null when it is not there, or is damaged. */
  async findBytes(digest: Digest): Promise<Buffer | null> {
    const bytes = await readFile(this.blobPath(digest)).catch(nullIfMissing);
    if (bytes === null) return null;
    if (digestOf(bytes) !== digest) {
      await this.removeBlob(digest);
      return null;
    }
    await this.touchBlob(digest);
    return bytes;
  }

  async removeBlob(digest: Digest): Promise<void> {
    await rm(this.blobPath(digest), { force: true });
  }

  async readBytes(digest: Digest): Promise<Buffer> {
    return readFile(this.blobPath(digest));
  }

  /** Every blob with its size and when it was last used. */
  async *blobs(): AsyncGenerator<StoredBlob> {
    const root = join(this.directory, "blobs", "sha256");
    for (const hex of (await readdir(root, { recursive: true }).catch(nullIfMissing)) ?? []) {
      const name = hex.split("/").at(-1) ?? "";
      if (name.length !== 64) continue;
      const path = join(root, hex);
      const status = await stat(path).catch(nullIfMissing);
      if (status === null) continue;
      yield { digest: `sha256:${name}`, path, sizeBytes: status.size, lastUsed: status.mtime };
    }
  }

  /**
   * What was remembered under a key, or null. An entry that no longer fits the schema counts as absent. It is marked as
   * used, at most once a day, so that `gc` by age leaves it.
   */
  async recall<T>(kind: string, key: Digest, schema: z.ZodType<T>): Promise<T | null> {
    const value = await this.peek(kind, key, schema);
    if (value !== null) await touchDaily(this.memoPath(kind, key));
    return value;
  }

  /** As `recall`, without a mark that it was used. */
  async peek<T>(kind: string, key: Digest, schema: z.ZodType<T>): Promise<T | null> {
    const text = await readFile(this.memoPath(kind, key), "utf8").catch((thrown: unknown) => {
      if (isMissing(thrown)) return null;
      throw diskFailure(thrown, this.directory);
    });
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
    const path = join(this.directory, "tmp", ownedName());
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
    return join(directory, ownedName());
  }
}

async function touchDaily(path: string): Promise<void> {
  const now = new Date();
  const status = await stat(path).catch(nullIfMissing);
  if (status === null || now.getTime() - status.mtimeMs < dayMs) return;
  // A cache that others own and only let read serves all the same.
  await utimes(path, now, now).catch(() => undefined);
}

const dayMs = 24 * 3_600_000;

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
