import { expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { choiceKey, hasIngredients, ingredientsOf } from "../../../../src/image/initramfs/inputs.ts";
import { withLaid } from "../../../../src/image/initramfs/laid.ts";
import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";

const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0, xattrs: {} };
const order = { version: "6.12.1", epoch: 1_700_000_000 };

function file(path: string, text: string): TreeEntry {
  const bytes = Buffer.from(text);
  return {
    ...common,
    path,
    type: "file",
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
    content: { from: "bytes", bytes },
  };
}

function directory(path: string): TreeEntry {
  return { ...common, path, type: "directory" };
}

function treeOf(...changed: TreeEntry[]): Tree {
  const entries = [
    directory("."),
    directory("usr"),
    directory("usr/bin"),
    directory("usr/lib"),
    { ...common, path: "lib", type: "symlink" as const, target: "usr/lib" },
    file("usr/bin/dracut", "dracut"),
    file("usr/bin/curl", "curl 1"),
    file("usr/lib/libc.so.6", "libc 1"),
    file("usr/lib/dracut/modules.d/00bash/module-setup.sh", "bash"),
    file("usr/lib/modules/6.12.1/modules.dep", "dep"),
    ...changed,
  ];
  return new Map(entries.map((entry) => [entry.path, entry]));
}

test("another version of a program, or documentation, is the same choice", () => {
  const key = choiceKey(treeOf(), order);

  expect(choiceKey(treeOf(file("usr/bin/curl", "curl 2")), order)).toBe(key);
  expect(choiceKey(treeOf(file("usr/share/doc/x", "x")), order)).toBe(key);
});

test.each([
  ["a new program, for which dracut modules ask", treeOf(file("usr/bin/mdadm", ""))],
  ["dracut itself", treeOf(file("usr/lib/dracut/modules.d/00bash/module-setup.sh", "bash 2"))],
  ["its configuration", treeOf(file("etc/dracut.conf.d/x.conf", "x"))],
  ["the kernel's modules", treeOf(file("usr/lib/modules/6.12.1/modules.dep", "dep 2"))],
])("%s is another choice", (_, changed) => {
  expect(choiceKey(changed, order)).not.toBe(choiceKey(treeOf(), order));
});

test.each([
  ["dracut's configuration", "/usr/lib/dracut/dracut.conf.d/x.conf", false],
  ["what dracut copies, through a link", "/lib/libc.so.6", false],
  ["another file", "/etc/motd", true],
])("of the definition's entries, %s decides whether an initramfs stays: %s", (_, path, stays) => {
  const ingredients = ingredientsOf(treeOf(), ["lib/libc.so.6"]);
  const owner = { mode: 0o644, user: "nobody", group: 0, from: "customizations.files" };
  const bytes = Buffer.from("new");
  const laid = withLaid(treeOf(), [
    {
      path,
      ...owner,
      type: "file",
      sizeBytes: bytes.length,
      digest: digestOf(bytes),
      content: { from: "bytes", bytes },
    },
  ]);
  const isSame = choiceKey(laid, order) === choiceKey(treeOf(), order) && hasIngredients(laid, ingredients);

  expect(isSame).toBe(stays);
});

test("an initramfs stays as long as all that is in it is the same", () => {
  const ingredients = ingredientsOf(treeOf(), ["lib/libc.so.6", "usr/bin/curl", "init", "usr/lib"]);

  expect(Object.keys(ingredients)).toEqual(["lib/libc.so.6", "usr/bin/curl"]);
  expect(hasIngredients(treeOf(file("usr/bin/nano", "x")), ingredients)).toBe(true);
  expect(hasIngredients(treeOf(file("usr/lib/libc.so.6", "libc 2")), ingredients)).toBe(false);
  const without = new Map(treeOf());
  without.delete("usr/bin/curl");
  expect(hasIngredients(without, ingredients)).toBe(false);
});
