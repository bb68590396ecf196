import { describe, expect, test } from "vitest";
import { composefsArguments, composefsDigests } from "../../../../src/image/composefs/digest.ts";
import type { TreeEntry } from "../../../../src/image/tree/tree.ts";
import { directory, file, symlink, treeOf } from "../tree/arbitrary-tree.ts";

const entries = [
  ...["boot", "run", "sysroot"].map((path) => directory(path)),
  directory("usr", { mtime: 5 }),
  file("usr/bin/true", "x".repeat(5000), { mode: 0o755 }),
  file("usr/lib/os-release", "ID=debian\n"),
  symlink("bin", "usr/bin"),
];

async function digestsWith(...more: readonly TreeEntry[]) {
  return await composefsDigests(treeOf([...entries, ...more]).values());
}

describe("composefs digests", () => {
  test("are of 512 bits, and of two forms", async () => {
    const digests = await digestsWith();

    expect(digests[1]).toMatch(/^[0-9a-f]{128}$/);
    expect(digests[2]).toMatch(/^[0-9a-f]{128}$/);
    expect(digests[1]).not.toBe(digests[2]);
    expect(composefsArguments(digests)).toEqual([
      `composefs.digest=v1-sha512-12:${digests[1]}`,
      `composefs=${digests[2]}`,
    ]);
  });

  // What bootc empties, sets and drops before it makes its image of a tree.
  test.each<[string, TreeEntry]>([
    ["what is in /boot", file("boot/EFI/Linux/6.12.efi", "MZ")],
    ["what is in /run", file("run/left", "left")],
    ["what is in /sysroot", directory("sysroot/ostree")],
    ["the root's own mode and time", directory(".", { mode: 0o700, mtime: 9 })],
    [
      "attributes that are no capabilities",
      directory("usr", { mtime: 5, xattrs: { "user.component": Buffer.from("a") } }),
    ],
  ])("do not depend on %s", async (_, entry) => {
    expect(await digestsWith(entry)).toEqual(await digestsWith());
  });

  test.each<[string, TreeEntry]>([
    ["a file's bytes", file("usr/bin/true", "y".repeat(5000), { mode: 0o755 })],
    ["a small file's bytes", file("usr/lib/os-release", "ID=debiam\n")],
    ["a mode", file("usr/bin/true", "x".repeat(5000), { mode: 0o4755 })],
    ["a time", file("usr/lib/os-release", "ID=debian\n", { mtime: 1 })],
    [
      "a capability",
      file("usr/lib/os-release", "ID=debian\n", { xattrs: { "security.capability": Buffer.alloc(20, 1) } }),
    ],
    ["a link's target", symlink("bin", "/usr/bin")],
    ["a further name", { ...file("usr/bin/yes", ""), type: "link", target: "usr/bin/true" }],
  ])("depend on %s", async (_, entry) => {
    const [before, after] = [await digestsWith(), await digestsWith(entry)];

    expect(after[1]).not.toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });

  test.each<[string, TreeEntry]>([
    ["a policy to label files by", file("etc/selinux/config", "SELINUXTYPE=default\n")],
    ["a link that is too long", symlink("usr/long", "a/".repeat(600))],
    ["a fifo", { ...directory("usr/pipe"), type: "fifo" }],
  ])("are not given for %s", async (_, entry) => {
    await expect(digestsWith(entry)).rejects.toMatchObject({
      code: "composefs-unsupported",
      fault: "package",
    });
  });
});
