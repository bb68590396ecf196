import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, printableJson, printableLine } from "../../../src/base/printable.ts";

const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** Texts in which control characters and the letters that sequences are made of are frequent. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\u001b",
        "\u009b",
        "\u009d",
        "[",
        "]",
        "0",
        ";",
        "m",
        "\\",
        "\u0007",
        "\u009c",
        "\n",
        "\r",
        "\u202e",
      ),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join(""));

describe("printable", () => {
  test.each([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["cursor movement", "a\u001b[2J\u001b[10;10Hb", "ab"],
    ["a window title ended by BEL", "a\u001b]0;owned\u0007b", "ab"],
    ["a hyperlink ended by ST", "\u001b]8;;http://mirror.example\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["a device control string", "a\u001bP1$r0m\u001b\\b", "ab"],
    ["8-bit introducers", "a\u009b31mb\u009d0;t\u009cc", "abc"],
    ["a character set selection", "\u001b(0lqk\u001b(B", "lqk"],
    ["a full reset", "a\u001bcb", "ab"],
    ["backspaces and NULs", "a\b\u0000b", "ab"],
    ["bidirectional overrides", "user\u202e\u2066 // check\u2069", "user // check"],
    ["a control string that never ends, line by line", "a\u001b]0;b\nc", "a0;b\nc"],
  ])("takes out %s", (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test("keeps tabs, line feeds and every script", () => {
    const text = "a\tb\n日本語 العربية ümläut 🦀\n";

    expect(printable(text)).toBe(text);
  });

  test("leaves nothing that steers a terminal, whatever the text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printable(text)).not.toMatch(steering);
      }),
      { numRuns: 2000 },
    );
  });

  test("does not change what it has made", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printable(printable(text))).toBe(printable(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("does not change text without control characters", () => {
    const tame = fc.string({
      unit: fc.constantFrom("a", "b", " ", "[", "]", ";", ":", "\\", "ä", "語", "\n", "\t", "0", "1", "m"),
    });

    fc.assert(
      fc.property(tame, (text) => {
        expect(printable(text)).toBe(text);
      }),
    );
  });
});

describe("printableLine", () => {
  test("makes one line of many", () => {
    expect(printableLine("  a\n\t b\r\nc \n")).toBe("a b c");
  });

  test("never gives a line break", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printableLine(text)).not.toMatch(/[\n\r\t]/);
      }),
    );
  });
});

describe("printableJson", () => {
  test("means the same as plain JSON and steers nothing", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = printableJson({ text });
        expect(json).not.toMatch(steering);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});
