import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTreeLines, treeLines } from "../../../../src/image/root/tree-lines.ts";
import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";

const common = { mode: 0o755, uid: 0, gid: 100_000_000, mtime: 1_700_000_000, xattrs: {} };

test("a tree comes back from its lines, with capabilities byte for byte", async () => {
  const entries: TreeEntry[] = [
    { ...common, path: ".", type: "directory" },
    { ...common, path: "a\nb", type: "symlink", target: "é" },
    {
      ...common,
      path: "ping",
      type: "file",
      mode: 0o4755,
      xattrs: { "security.capability": Buffer.from([1, 0, 0, 2, 0, 0xa0, 0xff, 0]) },
      sizeBytes: 3,
      digest: `sha256:${"1".repeat(64)}`,
      content: { from: "file", file: "/contents", offset: 1536 },
    },
    { ...common, path: "ping4", type: "link", target: "ping" },
    { ...common, path: "pipe", type: "fifo" },
  ];
  const tree: Tree = new Map(entries.map((entry) => [entry.path, entry]));
  const directory = await mkdtemp(join(tmpdir(), "debkiln-lines-"));
  try {
    const file = join(directory, "lines");
    await writeFile(file, [...treeLines(tree)].join(""));

    expect(await readTreeLines(file, "/contents")).toEqual(tree);
  } finally {
    await rm(directory, { recursive: true });
  }
});
