import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composefsImage } from "../../../../src/image/composefs/erofs.ts";
import type { FormatVersion } from "../../../../src/image/composefs/format.ts";
import { verityOf } from "../../../../src/image/composefs/fs-verity.ts";
import type { Directory, Leaf, Node, Stat } from "../../../../src/image/composefs/node.ts";

const stat: Stat = { mode: 0, uid: 0, gid: 0, mtime: 0, xattrs: {} };

function directory(children: Readonly<Record<string, Node>>, fields: Partial<Stat> = {}): Directory {
  return { ...stat, mode: 0o755, ...fields, type: "directory", children: new Map(Object.entries(children)) };
}

function inline(text: string, fields: Partial<Stat> = {}): Leaf {
  return { ...stat, ...fields, type: "file", data: { kind: "inline", bytes: Buffer.from(text) } };
}

function stored(sizeBytes: number, byte = "5a", fields: Partial<Stat> = {}): Leaf {
  return { ...stat, ...fields, type: "file", data: { kind: "object", digest: byte.repeat(32), sizeBytes } };
}

async function digestOf(root: Directory, version: FormatVersion): Promise<string> {
  return await verityOf([composefsImage(root, version, "sha256")], "sha256");
}

/** One of each kind, as composefs-rs has it in its tests. */
const simple = directory({
  fifo: { ...stat, type: "fifo" },
  "regular-inline": inline("hihi"),
  "regular-external": stored(1234),
  chrdev: { ...stat, type: "character-device", device: 123 },
  blkdev: { ...stat, type: "block-device", device: 123 },
  socket: { ...stat, type: "socket" },
  symlink: { ...stat, type: "symlink", target: "/target" },
});

describe("form 2", () => {
  // The digests that composefs-rs holds its writer to (crates/composefs/tests/mkfs.rs, test_erofs_digest_stability).
  test.each([
    ["nothing", directory({}), "086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5"],
    ["one of each kind", simple, "a8fcd41f8b313bede69f462f2af0a38d64b99a6333f5df884ea9ab4037fac722"],
  ])("of %s has the digest that composefs-rs gives it", async (_, root, digest) => {
    expect(await digestOf(root, 2)).toBe(digest);
  });
});

/** As many files as several blocks of names take. */
const crowd = directory(
  Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`file-number-${at}`, stored(100 + at)])),
);

const twice = stored(70_000, "11", {
  mtime: 5,
  xattrs: { "security.capability": Buffer.from("0100000200040000000000000000000000000000", "hex") },
});
/** Names of one file in several places, attributes that inodes share, times that differ. */
const mixed = directory(
  {
    crowd,
    simple,
    usr: directory({ bin: directory({ twice, same: twice, "+": inline("") }, { mtime: 3 }) }),
    zz: twice,
  },
  { mtime: 7 },
);

describe("form 1", () => {
  // What `mkcomposefs --min-version=1 --print-digest-only` of composefs 1.0.8 gives for the same trees as dumps.
  test.each([
    ["nothing", directory({}), "14a26c957c84f6eb774b91205476adc13196c7c33b9dd97d08d43725ecb90b63"],
    ["one of each kind", simple, "ad6db6427568a1e4fdc772cbab7b6063f5eb4b33cb62982a740ba9213e5962b5"],
    ["a large directory", crowd, "b717ef18c42c6b83df881f1bf5b0a9cc81e315e15bf20622de94c226b4083c90"],
    ["all together", mixed, "cd33d29c6c721b92ac5726f0f4b713f226f241e58b4f06bd20ee3a02c640dc48"],
  ])("of %s has the digest that mkcomposefs(1) gives it", async (_, root, digest) => {
    expect(await digestOf(root, 1)).toBe(digest);
  });
});

const names = fc.constantFrom("a", "b", "!", "-", ".x", "z".repeat(200), "ö", "0f", "long-name".repeat(9));
const stats = fc.record({
  mode: fc.constantFrom(0o644, 0o4755, 0o1777),
  uid: fc.constantFrom(0, 1000, 3_000_000),
  gid: fc.constantFrom(0, 42, 4_000_000_000),
  mtime: fc.constantFrom(0, 1, 1_700_000_000),
  xattrs: fc.constantFrom<Readonly<Record<string, Uint8Array>>>(
    {},
    { "security.capability": Buffer.from("0100000200040000000000000000000000000000", "hex") },
    { "user.one": Buffer.from("1"), "security.two": Buffer.alloc(300, 2) },
  ),
});
const { leaf, tree } = fc.letrec<{ leaf: Leaf; tree: Directory; node: Node }>((tie) => ({
  leaf: fc.oneof(
    fc.tuple(fc.integer({ min: 0, max: 64 }), stats).map(([size, own]) => inline("x".repeat(size), own)),
    fc
      .tuple(fc.constantFrom(65, 4096, 4097, 5_000_000_000), fc.constantFrom("5a", "00"), stats)
      .map(([size, byte, own]) => stored(size, byte, own)),
    fc
      .tuple(fc.constantFrom("t", "target/".repeat(140)), stats)
      .map(([target, own]): Leaf => ({ ...own, type: "symlink", target })),
  ),
  node: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("tree")),
  tree: fc
    .tuple(fc.array(fc.tuple(names, tie("node")), { maxLength: 6 }), stats)
    .map(([children, own]) => directory(Object.fromEntries(children), own)),
}));

describe.each([1, 2] as const)("form %s", (version) => {
  test("is whole for fsck.erofs(1)", async () => {
    await fc.assert(
      fc.asyncProperty(tree, leaf, async (root, twice) => {
        const named = directory({ ...Object.fromEntries(root.children), first: directory({ twice }), twice });

        await expect(check(composefsImage(named, version, "sha256"))).resolves.toBeUndefined();
      }),
      { numRuns: 15 },
    );
    const image = composefsImage(directory({ crowd, simple }), version, "sha512");
    await expect(check(image)).resolves.toBeUndefined();
    await expect(check(image.fill(0xff, 1152, 1184))).rejects.toThrow("fsck.erofs");
  });

  test("is the same whatever the order of names", async () => {
    const { children } = directory({ crowd, simple, a: inline("a") });
    const reversed = { ...directory({}), children: new Map([...children].toReversed()) };

    expect(await digestOf(reversed, version)).toBe(await digestOf({ ...reversed, children }, version));
  });
});

async function check(image: Buffer): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "debkiln-erofs-"));
  try {
    await writeFile(join(place, "image"), image);
    await execa("fsck.erofs", [join(place, "image")]);
  } finally {
    await rm(place, { recursive: true });
  }
}
