import { hash } from "node:crypto";

/** As the kernel names them, with the number that it knows each by (linux/fsverity.h). */
export const verityAlgorithms = { sha256: 1, sha512: 2 } as const;
export type VerityAlgorithm = keyof typeof verityAlgorithms;

/** Of the tree's leaves; log2 of it stands in the descriptor. */
const blockSize = 4096;
const logBlockSize = 12;

/**
 * The fs-verity digest of a file's bytes as they come, in hex: that of the descriptor of a Merkle tree with blocks of 4096
 * bytes and without salt (Documentation/filesystems/fsverity.rst, "File digest computation").
 */
export async function verityOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  algorithm: VerityAlgorithm,
): Promise<string> {
  const tree = new MerkleTree(algorithm);
  for await (const chunk of chunks) tree.add(chunk);
  return tree.digest();
}

/** fs-verity's tree while its file is read: of each level only the block that is being filled is kept. */
class MerkleTree {
  private readonly levels: Block[] = [new Block()];
  private readonly algorithm: VerityAlgorithm;
  private sizeBytes = 0;

  constructor(algorithm: VerityAlgorithm) {
    this.algorithm = algorithm;
  }

  add(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length;
    this.addTo(0, bytes);
  }

  digest(): string {
    const root = this.sizeBytes === 0 ? Buffer.alloc(0) : this.root();
    const descriptor = Buffer.alloc(256);
    descriptor.writeUInt8(1, 0);
    descriptor.writeUInt8(verityAlgorithms[this.algorithm], 1);
    descriptor.writeUInt8(logBlockSize, 2);
    descriptor.writeBigUInt64LE(BigInt(this.sizeBytes), 8);
    descriptor.set(root, 16);
    return hash(this.algorithm, descriptor, "hex");
  }

  private addTo(at: number, bytes: Uint8Array): void {
    const level = (this.levels[at] ??= new Block());
    for (let begin = 0; begin < bytes.length;) {
      // A full block is hashed only when more comes: the last of a level may be the root.
      if (level.isFull) this.addTo(at + 1, this.take(level));
      begin += level.fill(bytes, begin);
    }
  }

  /** The hash of the one block of the highest level, once those below are done. */
  private root(): Uint8Array {
    for (let at = 0; ; at++) {
      const level = this.levels[at] ?? new Block();
      const last = this.take(level);
      if (at === this.levels.length - 1) return last;
      this.addTo(at + 1, last);
    }
  }

  private take(level: Block): Uint8Array {
    return hash(this.algorithm, level.take(), "buffer");
  }
}

class Block {
  private readonly bytes = Buffer.alloc(blockSize);
  private length = 0;

  get isFull(): boolean {
    return this.length === blockSize;
  }

  /** Takes in as much as there is room for, and tells how much. */
  fill(from: Uint8Array, begin: number): number {
    const piece = from.subarray(begin, begin + blockSize - this.length);
    this.bytes.set(piece, this.length);
    this.length += piece.length;
    return piece.length;
  }

  /** What it holds, and zeros to its end; it is empty then. */
  take(): Uint8Array {
    this.bytes.fill(0, this.length);
    this.length = 0;
    return this.bytes;
  }
}
