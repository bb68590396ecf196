import { expect, test } from "vitest";
import { counted } from "../../../src/base/counted.ts";

test.each([
  [0, "0 packages"],
  [1, "1 package"],
  [2, "2 packages"],
])("%i with its noun is %s", (count, text) => {
  expect(counted(count, "package")).toBe(text);
});

test("words that take no s have a plural of their own", () => {
  expect(counted(1, "package differs", "packages differ")).toBe("1 package differs");
  expect(counted(2, "package differs", "packages differ")).toBe("2 packages differ");
});
