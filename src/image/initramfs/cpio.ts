import { textOf } from "../../oci/raw-text.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { brokenInitramfs } from "./broken.ts";

/** A member of a cpio archive in "newc" form, the only one that the kernel takes (initramfs buffer format). */
export interface CpioMember {
  /** As written, without leading `./` and slashes. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "other";
  readonly sizeBytes: number;
  /** The bytes of a file that was wanted, or a link's target; null otherwise. */
  readonly bytes: Buffer | null;
}

const magics = new Set(["070701", "070702"]);
const headerLength = 110;
const trailer = "TRAILER!!!";
const longestName = 4096;
/** Files of which the bytes are kept are small: configuration. */
const largestKept = 1 << 20;

/** Whether these bytes are the beginning of an archive. */
export function isCpio(bytes: Buffer): boolean {
  return magics.has(bytes.toString("latin1", 0, 6));
}

/**
 * The members of one archive, up to and with its trailer. Bytes are kept of the files that `isWanted` names.
 * @throws Failure bad-initramfs (package).
 */
export async function* readCpio(
  queue: ByteQueue,
  isWanted: (path: string) => boolean,
): AsyncGenerator<CpioMember, void, undefined> {
  for (;;) {
    const header = await queue.take(headerLength);
    if (!isCpio(header) || header.length < headerLength)
      throw brokenInitramfs("a member of its archive has no header");
    const [mode, sizeBytes, nameLength] = [fieldAt(header, 1), fieldAt(header, 6), fieldAt(header, 11)];
    const name = await takeName(queue, nameLength);
    if (name === trailer) return;
    const path = name.replace(/^(?:\.?\/)+/, "");
    const type = typeOf(mode);
    const isKept = (type === "symlink" || (type === "file" && isWanted(path))) && sizeBytes <= largestKept;
    const padding = (4 - (sizeBytes % 4)) % 4;
    const bytes = isKept ? await queue.take(sizeBytes) : null;
    const passed = (bytes?.length ?? 0) + (await queue.skip((isKept ? 0 : sizeBytes) + padding));
    if (passed < sizeBytes + padding) throw brokenInitramfs("its archive ends early");
    yield { path, type, sizeBytes, bytes };
  }
}

/** The fields after the magic have eight hexadecimal digits each. */
function fieldAt(header: Buffer, index: number): number {
  const text = header.toString("latin1", 6 + 8 * index, 14 + 8 * index);
  if (!/^[0-9a-fA-F]{8}$/.test(text)) throw brokenInitramfs("a member of its archive has a broken header");
  return parseInt(text, 16);
}

async function takeName(queue: ByteQueue, length: number): Promise<string> {
  if (length < 1 || length > longestName) throw brokenInitramfs("a member of its archive has no name");
  const padded = length + ((4 - ((headerLength + length) % 4)) % 4);
  const bytes = await queue.take(padded);
  if (bytes.length < padded) throw brokenInitramfs("its archive ends early");
  return textOf(bytes.subarray(0, length - 1));
}

function typeOf(mode: number): CpioMember["type"] {
  return types.get(mode & 0o170000) ?? "other";
}

const types = new Map<number, CpioMember["type"]>([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
]);
