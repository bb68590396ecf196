import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lastLines } from "../../../src/base/last-lines.ts";

test("the end of a text with so many line breaks is what splitting and joining gives", () => {
  const text = fc.array(fc.constantFrom("a", "bc", "\n", "\n\n")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.nat(8), (text, breaks) => {
      const lines = text.split("\n");
      expect(lastLines(text, breaks)).toBe(lines.slice(-breaks - 1).join("\n"));
    }),
  );
});

test("all of a text may be wanted", () => {
  expect(lastLines("a\nb\n", Infinity)).toBe("a\nb\n");
});
