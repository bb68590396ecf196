import { ByteQueue } from "./byte-queue.ts";
import { brokenInitramfs } from "./broken.ts";
import { type CpioMember, isCpio, readCpio } from "./cpio.ts";
import { type Compression, compressionOf, decompressed } from "./decompress.ts";

/** What is in an initramfs, as the kernel unpacks it. */
export interface Initramfs {
  /** The last member of each path. */
  readonly members: ReadonlyMap<string, CpioMember>;
  /** Of its main part; null when that is not compressed. */
  readonly compression: Compression | null;
}

/** No initramfs unpacks to more bytes or has more members than these. */
const largest = 8 * 2 ** 30;
const mostMembers = 1_000_000;

/**
 * Reads an initramfs: any number of archives, as early microcode is, then maybe a compressed part that is again such a
 * sequence (Documentation/driver-api/early-userspace/buffer-format.rst). Memory stays flat but for the names and the files
 * that `isWanted` names. @throws Failure bad-initramfs (package), program-missing (infrastructure).
 */
export async function readInitramfs(
  content: AsyncIterable<Uint8Array>,
  isWanted: (path: string) => boolean = () => false,
): Promise<Initramfs> {
  const members = new Map<string, CpioMember>();
  const queue = new ByteQueue(content);
  try {
    const compression = await readParts(queue, isWanted, members);
    if (compression !== null) await readCompressed(queue, compression, isWanted, members);
    if (members.size === 0) throw brokenInitramfs("there is nothing in it");
    return { members, compression };
  } finally {
    await queue.close();
  }
}

/** Reads archives up to the end or to a compressed part, of which it gives the compression. */
async function readParts(
  queue: ByteQueue,
  isWanted: (path: string) => boolean,
  members: Map<string, CpioMember>,
): Promise<Compression | null> {
  for (;;) {
    await skipZeros(queue);
    const beginning = await queue.peek(6);
    if (beginning.length === 0) return null;
    if (!isCpio(beginning)) {
      const compression = compressionOf(beginning);
      if (compression === null)
        throw brokenInitramfs("it has a part that is neither an archive nor compressed");
      return compression;
    }
    for await (const member of readCpio(queue, isWanted)) {
      members.set(member.path, member);
      if (members.size > mostMembers) throw brokenInitramfs("it has more files than any");
    }
  }
}

async function readCompressed(
  outer: ByteQueue,
  compression: Compression,
  isWanted: (path: string) => boolean,
  members: Map<string, CpioMember>,
): Promise<void> {
  const queue = new ByteQueue(bounded(decompressed(outer.rest(), compression)));
  try {
    const inner = await readParts(queue, isWanted, members);
    if (inner !== null) throw brokenInitramfs("it is compressed twice");
  } finally {
    await queue.close();
  }
}

async function skipZeros(queue: ByteQueue): Promise<void> {
  for (;;) {
    const bytes = await queue.peek(4096);
    const end = bytes.findIndex((byte) => byte !== 0);
    await queue.skip(end === -1 ? bytes.length : end);
    if (end !== -1 || bytes.length === 0) return;
  }
}

async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > largest) throw brokenInitramfs("it is larger than any");
    yield chunk;
  }
}
