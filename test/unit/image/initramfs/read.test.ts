import { execFileSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readInitramfs } from "../../../../src/image/initramfs/read.ts";
import { cpioOf } from "./cpio-fixture.ts";

const microcode = cpioOf({ "kernel/x86/microcode/AuthenticAMD.bin": "microcode" });
const main = cpioOf({
  ".": null,
  "./usr/lib": null,
  "./lib": { link: "usr/lib" },
  "usr/lib/ostree/prepare-root.conf": "[composefs]\nenabled=yes\n",
  "/usr/lib/big": "x".repeat(100_001),
});

async function read(bytes: Uint8Array, pieceLength = 1000) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, index) =>
    bytes.subarray(index * pieceLength, (index + 1) * pieceLength),
  );
  return await readInitramfs(stream(pieces), (path) => path.endsWith(".conf"));
}

async function* stream(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

const compressors = {
  none: (bytes: Buffer) => bytes,
  gzip: gzipSync,
  zstd: zstdCompressSync,
  xz: (bytes: Buffer) => execFileSync("xz", ["--check=crc32", "-c"], { input: bytes }),
} as const;

test.each(Object.entries(compressors))(
  "reads early microcode and then a main part, compression: %s",
  async (name, compress) => {
    const { members, compression } = await read(Buffer.concat([microcode, compress(main)]));

    expect(compression).toBe(name === "none" ? null : name);
    expect([...members.values()].map(({ path, type, sizeBytes }) => [path, type, sizeBytes])).toEqual([
      ["kernel/x86/microcode/AuthenticAMD.bin", "file", 9],
      [".", "directory", 0],
      ["usr/lib", "directory", 0],
      ["lib", "symlink", 7],
      ["usr/lib/ostree/prepare-root.conf", "file", 24],
      ["usr/lib/big", "file", 100_001],
    ]);
    expect(members.get("lib")?.bytes?.toString()).toBe("usr/lib");
    expect(members.get("usr/lib/ostree/prepare-root.conf")?.bytes?.toString()).toBe(
      "[composefs]\nenabled=yes\n",
    );
    expect(members.get("usr/lib/big")?.bytes).toBeNull();
  },
);

test("reads the same whatever the pieces are in which it comes", async () => {
  const bytes = Buffer.concat([microcode, Buffer.alloc(1024), gzipSync(main)]);
  const whole = await read(bytes, bytes.length);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (pieceLength) => {
      expect(await read(bytes, pieceLength)).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ["nothing", Buffer.alloc(0), "there is nothing in it"],
  ["zeros only", Buffer.alloc(9000), "there is nothing in it"],
  ["what is no initramfs", Buffer.from("MZ this is a kernel"), "neither an archive nor compressed"],
  ["an archive cut in a name", main.subarray(0, 111), "its archive ends early"],
  ["an archive cut in a file", main.subarray(0, 1000), "its archive ends early"],
  ["an archive without a trailer", main.subarray(0, main.length - 1024), "its archive ends early"],
  ["a gzip stream cut", gzipSync(main).subarray(0, 100), "it is no whole gzip stream"],
  ["a zstd stream cut", zstdCompressSync(main).subarray(0, 100), "it is no whole zstd stream"],
  ["an xz stream cut", compressors.xz(main).subarray(0, 100), "it is no whole xz stream"],
  ["what is compressed twice", gzipSync(gzipSync(main)), "it is compressed twice"],
  [
    "a size that is no number",
    Buffer.concat([main.subarray(0, 54), Buffer.from("-1"), main.subarray(56)]),
    "broken header",
  ],
])("refuses %s", async (_, bytes, reason) => {
  await expect(read(bytes)).rejects.toMatchObject({
    code: "bad-initramfs",
    message: expect.stringContaining(reason),
  });
});

test("refuses whatever else is not whole, and never hangs", async () => {
  const bytes = Buffer.concat([microcode, gzipSync(main)]);
  const end = microcode.indexOf("TRAILER!!!") + "TRAILER!!!\0".length;
  const cut = fc
    .integer({ min: 1, max: bytes.length - 1 })
    .filter((length) => length < end || length > microcode.length);
  await fc.assert(
    fc.asyncProperty(cut, async (length) => {
      await expect(read(bytes.subarray(0, length))).rejects.toThrow("The initramfs cannot be read");
    }),
    { numRuns: 30 },
  );
});
