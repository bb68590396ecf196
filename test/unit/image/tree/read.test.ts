import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesOf, inMemory, readFiles, textAt } from "../../../../src/image/tree/read.ts";
import { fileEntry } from "../../../../src/image/tree/new-entry.ts";
import type { TreeFile } from "../../../../src/image/tree/tree.ts";
import { failureOf } from "../finish/finishing.ts";
import { directory, hardLink, treeOf } from "../lint/root.ts";

describe("files of a tree", () => {
  test("are read from their stretches of a file, as many bytes as are asked for", async () => {
    const folder = await mkdtemp(join(tmpdir(), "debkiln-test-"));
    try {
      const tar = join(folder, "tar");
      await writeFile(tar, "..hello..world");
      const stretch = (path: string, offset: number): TreeFile => ({
        ...fileEntry(path, "12345", { mtime: 0 }),
        content: { from: "file", file: tar, offset },
      });
      const tree = new Map([
        ["a", stretch("a", 2)],
        ["b", stretch("b", 9)],
      ]);
      const read: string[] = [];
      for await (const [{ path }, bytes] of readFiles(filesOf(tree), 4))
        read.push(`${path}=${bytes.toString()}`);
      const loaded = await inMemory(tree, (path) => path === "b");

      expect(read).toEqual(["a=hell", "b=worl"]);
      expect(textAt(loaded, "b")).toBe("world");
      expect(loaded.get("a")).toBe(tree.get("a"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("that the system needs must be files", () => {
    const tree = treeOf({
      "etc/passwd": directory(),
      "etc/group": hardLink("etc/passwd"),
      "etc/shadow": "x",
    });

    expect(textAt(tree, "etc/shadow")).toBe("x");
    expect(textAt(tree, "etc/none")).toBeNull();
    expect(failureOf(() => textAt(tree, "etc/passwd"))).toMatchObject({ code: "unusable-system-file" });
    expect(failureOf(() => textAt(tree, "etc/group"))).toMatchObject({ fault: "package" });
  });
});
