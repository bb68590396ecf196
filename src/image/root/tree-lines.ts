import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { DigestText } from "../../base/digest.ts";
import type { Tree, TreeEntry } from "../tree/tree.ts";

const common = {
  path: z.string(),
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  mtime: z.int(),
  /** By name, in base64. */
  xattrs: z.record(z.string(), z.base64()).optional(),
};

const Line = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("file"),
    ...common,
    sizeBytes: z.int(),
    digest: DigestText,
    offset: z.int(),
  }),
  z.strictObject({ type: z.literal("directory"), ...common }),
  z.strictObject({ type: z.enum(["symlink", "link"]), ...common, target: z.string() }),
  z.strictObject({ type: z.enum(["character-device", "block-device", "fifo", "socket"]), ...common }),
]);
type Line = z.infer<typeof Line>;

/** A tree whose contents are all in one file, as lines of JSON: what `readTreeLines` reads back. */
export function* treeLines(tree: Tree): Generator<string> {
  for (const entry of tree.values()) yield `${JSON.stringify(lineOf(entry))}\n`;
}

/** The tree of such a file of lines, with its contents in `contents`. @throws ZodError, SyntaxError for what is no such file. */
export async function readTreeLines(lines: string, contents: string): Promise<Tree> {
  const tree = new Map<string, TreeEntry>();
  for await (const text of createInterface({ input: createReadStream(lines) })) {
    const entry = entryOf(Line.parse(JSON.parse(text)), contents);
    tree.set(entry.path, entry);
  }
  return tree;
}

function lineOf(entry: TreeEntry): Line {
  const { path, mode, uid, gid, mtime } = entry;
  const names = Object.entries(entry.xattrs);
  const xattrs =
    names.length === 0
      ? {}
      : {
          xattrs: Object.fromEntries(
            names.map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
          ),
        };
  const shared = { path, mode, uid, gid, mtime, ...xattrs };
  switch (entry.type) {
    case "file": {
      const { sizeBytes, digest, content } = entry;
      return {
        type: "file",
        ...shared,
        sizeBytes,
        digest,
        offset: content.from === "file" ? content.offset : 0,
      };
    }
    case "symlink":
    case "link":
      return { type: entry.type, ...shared, target: entry.target };
    default:
      return { type: entry.type, ...shared };
  }
}

function entryOf(line: Line, file: string): TreeEntry {
  const xattrs = Object.fromEntries(
    Object.entries(line.xattrs ?? {}).map(([name, value]) => [name, Buffer.from(value, "base64")]),
  );
  if (line.type !== "file") return { ...line, xattrs };
  const { offset, ...rest } = line;
  return { ...rest, xattrs, content: { from: "file", file, offset } };
}
