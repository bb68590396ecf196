import { expect, test } from "vitest";
import { readDpkgOwners } from "../../../../src/image/layers/dpkg-owners.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";
import { directory, file, symlink, treeOf } from "../tree/arbitrary-tree.ts";
import { dpkgTree } from "./dpkg-tree.ts";

async function owners(tree: Tree): Promise<Record<string, string>> {
  const found = await readDpkgOwners(new TreeView(tree));
  return Object.fromEntries([...(found?.owners ?? [])].map(([path, { name }]) => [path, name]));
}

test("paths of lists are found through the links of a merged /usr", async () => {
  const tree = dpkgTree(
    [
      { name: "dash", list: ["/bin", "/bin/sh", "/usr", "/usr/share/doc/dash"] },
      { name: "libc6:amd64", list: ["/lib", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld.so"] },
    ],
    [
      symlink("bin", "usr/bin"),
      symlink("lib", "/usr/lib"),
      symlink("lib64", "usr/lib64"),
      directory("usr/bin"),
      directory("usr/lib/x86_64-linux-gnu"),
      directory("usr/lib64"),
    ],
  );

  expect(await owners(tree)).toMatchObject({
    "usr/bin/sh": "dash",
    "usr/lib/x86_64-linux-gnu/libc.so.6": "libc6",
    "usr/lib64/ld.so": "libc6",
    // The links themselves are in lists as directories.
    bin: "dash",
  });
});

test("a diverted file is where it was diverted to, unless the diverting package has it", async () => {
  const tree = dpkgTree(
    [
      { name: "coreutils", list: ["/bin/true"] },
      { name: "toybox", list: ["/bin/true"] },
      { name: "procps", list: ["/usr/bin/ps"] },
    ],
    [symlink("bin", "usr/bin"), directory("usr/bin")],
    {
      diversions: [
        "/bin/true",
        "/bin/true.coreutils",
        "toybox",
        "/usr/bin/ps",
        "/usr/bin/ps.distrib",
        ":",
        "",
      ].join("\n"),
    },
  );

  expect(await owners(tree)).toEqual({
    "usr/bin/true.coreutils": "coreutils",
    "usr/bin/true": "toybox",
    "usr/bin/ps.distrib": "procps",
  });
});

test("a path of several packages is the first one's by name", async () => {
  const tree = dpkgTree(
    [
      { name: "zsh", list: ["/usr/share/doc"] },
      { name: "bash", list: ["/usr/share/doc"] },
    ],
    [],
  );

  expect(await owners(tree)).toEqual({ "usr/share/doc": "bash" });
});

test("sources and versions are those of the status, with and without a source's version", async () => {
  const tree = dpkgTree(
    [
      { name: "libc6:amd64", source: "glibc", list: [] },
      { name: "zlib1g:amd64", source: "zlib (1:1.3)", version: "1:1.3+b1", list: [] },
      { name: "sed", list: [] },
    ],
    [],
    { home: "var/lib/dpkg" },
  );
  const found = await readDpkgOwners(new TreeView(tree));

  expect([...(found?.packages ?? [])]).toMatchObject([
    ["libc6:amd64", { name: "libc6", source: "glibc" }],
    ["sed", { source: "sed", version: "1.0-1" }],
    ["zlib1g:amd64", { source: "zlib", version: "1:1.3+b1" }],
  ]);
  expect(found?.directory).toBe("var/lib/dpkg");
});

test("a tree without a database has no owners", async () => {
  expect(await readDpkgOwners(new TreeView(treeOf([file("etc/hosts", "")])))).toBeNull();
});

test("a broken database is refused", async () => {
  const tree = treeOf([file("var/lib/dpkg/status", "Package\n")]);

  await expect(readDpkgOwners(new TreeView(tree))).rejects.toMatchObject({
    code: "bad-control-data",
    fault: "package",
  });
});
