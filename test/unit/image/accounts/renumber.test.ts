import { array, assert, nat, property, stringMatching, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { renumberAccounts } from "../../../../src/image/accounts/renumber.ts";
import { stableIds, systemIds } from "../../../../src/image/accounts/stable-ids.ts";
import { type Tree, type TreeEntry, readContent } from "../../../../src/image/tree/tree.ts";

const accountName = stringMatching(/^[a-z_][a-z0-9-]{0,12}$/);

function file(path: string, text: string, uid = 0, gid = 0): TreeEntry {
  const bytes = Buffer.from(text);
  const content = { from: "bytes", bytes } as const;
  return {
    path,
    type: "file",
    mode: 0o644,
    uid,
    gid,
    mtime: 0,
    xattrs: {},
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content,
  };
}

function treeOf(...entries: TreeEntry[]): Tree {
  return new Map(entries.map((entry) => [entry.path, entry]));
}

function build(bus: number, ssh: number): Tree {
  return treeOf(
    file(
      "etc/passwd",
      `root:x:0:0:root:/root:/bin/bash\nmessagebus:x:${bus}:${bus}:bus:/nonexistent:/bin/false\nme:x:1000:1000::/home/me:/bin/sh\n`,
    ),
    file("etc/group", `root:x:0:\nusers:x:100:me\nmessagebus:x:${bus}:\n_ssh:x:${ssh}:\nme:x:1000:\n`),
    file("usr/lib/launch-helper", "", 0, bus),
    file("usr/bin/ssh-agent", "", 0, ssh),
    file("home/me/x", "", 1000, 1000),
  );
}

async function textOf(tree: Tree, path: string): Promise<string> {
  const entry = tree.get(path);
  if (entry?.type !== "file") throw new Error(`${path} is no file`);
  return Buffer.from(await readContent(entry)).toString("utf8");
}

test("ids are of the system range, one for each name, whatever the order", () => {
  assert(
    property(uniqueArray(accountName, { maxLength: 60 }), array(nat(1100)), (names, taken) => {
      const ids = stableIds(names, new Set(taken));

      expect(Object.fromEntries(stableIds(names.toReversed(), new Set(taken)))).toEqual(
        Object.fromEntries(ids),
      );
      expect(new Set(ids.values()).size).toBe(names.length);
      for (const id of ids.values()) {
        expect(id >= systemIds.first && id <= systemIds.last).toBe(true);
        expect(taken).not.toContain(id);
      }
    }),
  );
});

test("accounts made in another order come to the same ids, with their files", async () => {
  const first = await renumberAccounts(build(999, 101), [1000]);
  const second = await renumberAccounts(build(104, 998), [1000]);

  expect(second).toEqual(first);
  expect(first.get("usr/lib/launch-helper")?.gid).toBe(101);
  expect(await textOf(first, "etc/group")).toMatch(/^root:x:0:\nusers:x:100:me\n/);
  expect(await textOf(first, "etc/passwd")).toContain("\nme:x:1000:1000:");
  expect(first.get("home/me/x")).toMatchObject({ uid: 1000, gid: 1000 });
});

test("a root filesystem without accounts stays as it is", async () => {
  const tree = treeOf(file("usr/bin/true", "x"));

  expect(await renumberAccounts(tree, [])).toEqual(tree);
});
