import { expect, test } from "vitest";
import { peSections } from "../../../../src/image/initramfs/pe-sections.ts";
import { readContent } from "../../../../src/image/tree/tree.ts";
import { peOf } from "./pe-fixture.ts";

function fileOf(bytes: Uint8Array) {
  return { sizeBytes: bytes.length, content: { from: "bytes", bytes } } as const;
}

test("sections are parts of the file, without their padding", async () => {
  const sections = await peSections(
    fileOf(peOf({ ".linux": "kernel", ".cmdline": "quiet splash", ".longname": "x" })),
  );

  expect([...sections.keys()]).toEqual([".linux", ".cmdline", ".longnam"]);
  const cmdline = sections.get(".cmdline");
  expect(cmdline && Buffer.from(await readContent(cmdline)).toString()).toBe("quiet splash");
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a script", Buffer.from("#!/bin/sh\n".repeat(20))],
  ["an executable cut in its table", peOf({ ".linux": "kernel" }).subarray(0, 0x80 + 30)],
  ["a table that begins nowhere", Buffer.from(peOf({ a: "b" })).fill(0xff, 0x3c, 0x40)],
])("%s is no executable", async (_, bytes) => {
  await expect(peSections(fileOf(bytes))).rejects.toMatchObject({ code: "bad-executable" });
});
