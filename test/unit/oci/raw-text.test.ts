import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, compareBytes, textOf } from "../../../src/oci/raw-text.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text)),
  fc
    .array(fc.constantFrom(0xc3, 0xa9, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0xef, 0xbf, 0xbd, 0x41), {
      maxLength: 8,
    })
    .map((bytes) => Buffer.from(bytes)),
);

test("bytes survive being text, and text tells whether they were UTF-8", () => {
  fc.assert(
    fc.property(bytes, (bytes) => {
      const text = textOf(bytes);

      expect(bytesOf(text)).toEqual(Buffer.from(bytes));
      expect(text.isWellFormed()).toBe(Buffer.from(Buffer.from(bytes).toString()).equals(bytes));
    }),
  );
});

test("a character beyond the first plane is no pair of lost bytes, whatever its second half", () => {
  const mixed = Buffer.from([0xf1, 0x80, 0x92, 0x80, 0x80]);

  expect(bytesOf(textOf(mixed))).toEqual(mixed);
});

test("texts are put in the order of their bytes", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(compareBytes(textOf(a), textOf(b))).toBe(Buffer.compare(a, b));
    }),
  );
});
