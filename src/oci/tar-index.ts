import { type Hash, createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Digest } from "../base/digest.ts";
import { type TarRecord, blockSize, readBlock } from "./tar-header.ts";
import { TarExtensions, isExtension } from "./tar-extensions.ts";
import { malformedTar } from "./tar-malformed.ts";

/** A member of a tar, and where its bytes are. */
export interface IndexedMember {
  readonly record: TarRecord;
  /** Where its content begins in the tar, in bytes. */
  readonly offset: number;
  /** Of its content; that of no bytes for what has none. */
  readonly digest: Digest;
}

/**
 * The members of a tar as it passes by, in order; memory stays flat. Reads ustar, GNU tar's and PAX forms, PAX values as
 * bytes, and refuses whatever else: sparse files, unknown types, contents where none belong, an end without its zero blocks.
 * @throws Failure tar-malformed (infrastructure), and what the stream raises.
 */
export async function* indexTar(
  tar: AsyncIterable<Uint8Array>,
): AsyncGenerator<IndexedMember, void, undefined> {
  const reader = new Reader();
  for await (const chunk of tar) {
    for (const member of reader.read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)))
      yield member;
  }
  reader.end();
}

/** The same bytes, written to a new file as they pass. The file is whole when the last chunk has been taken. */
export async function* writtenTo(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using handle = await open(file, "wx");
  for await (const chunk of chunks) {
    const written = handle.writeFile(chunk);
    // The write is awaited below; until then it must not count as unhandled.
    written.catch(() => undefined);
    yield chunk;
    await written;
  }
}

/** What the bytes that come next are. */
type Expecting =
  | { readonly what: "header" }
  | { readonly what: "extension"; readonly flag: string; readonly pieces: Buffer[]; left: number }
  | {
      readonly what: "content";
      readonly record: TarRecord;
      readonly offset: number;
      readonly hash: Hash;
      left: number;
    }
  | { readonly what: "padding"; left: number }
  | { readonly what: "end"; blocks: number };

const headerNext: Expecting = { what: "header" };

class Reader {
  private expecting: Expecting = headerNext;
  /** A header's bytes that came so far, when they come in pieces. */
  private begun: Buffer = Buffer.alloc(0);
  private position = 0;
  private readonly extensions = new TarExtensions();

  *read(chunk: Buffer): Generator<IndexedMember> {
    for (let at = 0; at < chunk.length;) {
      const rest = chunk.subarray(at);
      const { expecting } = this;
      let taken: number;
      if (expecting.what === "header" || expecting.what === "end") {
        taken = Math.min(blockSize - this.begun.length, rest.length);
        const block =
          this.begun.length === 0
            ? rest.subarray(0, taken)
            : Buffer.concat([this.begun, rest.subarray(0, taken)]);
        this.begun = block.length < blockSize ? Buffer.from(block) : Buffer.alloc(0);
        this.position += taken;
        if (block.length === blockSize) this.takeBlock(block, expecting);
      } else {
        taken = Math.min(expecting.left, rest.length);
        this.position += taken;
        this.takeBytes(rest.subarray(0, taken), expecting);
      }
      at += taken;
      yield* this.finished();
    }
  }

  end(): void {
    if (this.expecting.what !== "end" || this.expecting.blocks < 2 || this.begun.length > 0)
      throw malformedTar("it ends early");
  }

  private takeBlock(bytes: Buffer, expecting: Expecting): void {
    const block = readBlock(bytes);
    if (block === null) {
      if (this.extensions.isPending) throw malformedTar("it ends before a member that it announced");
      this.expecting = { what: "end", blocks: (expecting.what === "end" ? expecting.blocks : 0) + 1 };
      return;
    }
    if (expecting.what === "end") throw malformedTar("something follows its end");
    if (isExtension(block.flag)) {
      this.expecting = {
        what: "extension",
        flag: block.flag,
        pieces: [],
        left: this.extensions.checkedSize(block),
      };
      return;
    }
    const record = this.extensions.apply(block);
    this.expecting = {
      what: "content",
      record,
      offset: this.position,
      hash: createHash("sha256"),
      left: record.sizeBytes,
    };
  }

  private takeBytes(bytes: Buffer, expecting: Exclude<Expecting, { what: "header" | "end" }>): void {
    expecting.left -= bytes.length;
    if (expecting.what === "content") expecting.hash.update(bytes);
    if (expecting.what === "extension") expecting.pieces.push(Buffer.from(bytes));
  }

  /** Goes on to what follows when all bytes of what was expected have come, and gives the member that is complete with it. */
  private *finished(): Generator<IndexedMember> {
    const { expecting } = this;
    if (expecting.what === "header" || expecting.what === "end" || expecting.left > 0) return;
    if (expecting.what === "extension") this.extensions.add(expecting.flag, Buffer.concat(expecting.pieces));
    const left = (blockSize - (this.position % blockSize)) % blockSize;
    this.expecting = left === 0 ? headerNext : { what: "padding", left };
    if (expecting.what === "content") {
      const { record, offset, hash } = expecting;
      yield { record, offset, digest: `sha256:${hash.digest("hex")}` };
    }
  }
}
