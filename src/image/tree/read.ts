import { type FileHandle, open } from "node:fs/promises";
import { Failure } from "../../base/failure.ts";
import { textOf } from "../../oci/raw-text.ts";
import type { Tree, TreeEntry, TreeFile } from "./tree.ts";

/** More than any file that is read as a whole has: dpkg's status of a big desktop is a tenth of it. */
const mostBytes = 64 * 1024 * 1024;

/** The tree with the bytes of some of its files in memory, for `textAt`. Files that are too big stay where they are. */
export async function inMemory(tree: Tree, isWanted: (path: string) => boolean): Promise<Tree> {
  const files = filesOf(tree).filter(({ path, sizeBytes }) => isWanted(path) && sizeBytes <= mostBytes);
  const loaded = new Map(tree);
  for await (const [file, bytes] of readFiles(files)) {
    loaded.set(file.path, { ...file, content: { from: "bytes", bytes } });
  }
  return loaded;
}

/** The files of a tree, without the further names of any. */
export function filesOf(tree: Tree): TreeFile[] {
  return [...tree.values()].filter((entry): entry is TreeFile => entry.type === "file");
}

/** Many files' first bytes, or whole contents, in turn; what they are stretches of is opened once. */
export async function* readFiles(
  files: Iterable<TreeFile>,
  atMost = mostBytes,
): AsyncGenerator<readonly [TreeFile, Buffer]> {
  let open: OpenFile | null = null;
  try {
    for (const file of files) {
      const { content, sizeBytes } = file;
      const length = Math.min(sizeBytes, atMost);
      if (content.from === "bytes") {
        yield [file, Buffer.from(content.bytes.subarray(0, length))];
        continue;
      }
      if (open?.file !== content.file) {
        await open?.handle.close();
        open = null;
        open = await opened(content.file);
      }
      const { buffer, bytesRead } = await open.handle.read(Buffer.alloc(length), 0, length, content.offset);
      yield [file, buffer.subarray(0, bytesRead)];
    }
  } finally {
    await open?.handle.close();
  }
}

/**
 * What a file of the system says; null when there is no such file. For files that `inMemory` has fetched.
 * @throws Failure unusable-system-file (package) when it is no regular file, or far too big for what it is.
 */
export function textAt(tree: Tree, path: string): string | null {
  const entry = tree.get(path);
  if (entry === undefined) return null;
  if (entry.type === "file" && entry.content.from === "bytes") {
    return textOf(entry.content.bytes);
  }
  throw new Failure("package", "unusable-system-file", `/${path} is ${complaint(entry)}`, {
    hint: "A maintainer script or a script of the definition replaced it; find out which one.",
  });
}

interface OpenFile {
  readonly file: string;
  readonly handle: FileHandle;
}

async function opened(file: string): Promise<OpenFile> {
  return { file, handle: await open(file) };
}

function complaint(entry: TreeEntry): string {
  return entry.type === "file"
    ? `of ${entry.sizeBytes} bytes, which nobody wrote for it to be read`
    : `a ${entry.type}, not a file`;
}
