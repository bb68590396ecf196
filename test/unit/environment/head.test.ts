import { describe, expect, test } from "vitest";
import { Head } from "../../../src/environment/head.ts";

describe("Head", () => {
  test("keeps all of what is not longer than that", () => {
    const head = new Head(6);

    for (const piece of ["abc", "", "def"]) head.write(piece);

    expect([head.text, head.isWhole]).toEqual(["abcdef", true]);
  });

  test("drops what comes after the first bytes, also in the middle of a piece", () => {
    const head = new Head(4);

    for (const piece of ["abc", "def", "ghi"]) head.write(piece);

    expect([head.text, head.isWhole]).toEqual(["abcd", false]);
  });

  test("goes on taking what it drops", async () => {
    const head = new Head(1);
    const { promise, resolve } = Promise.withResolvers<unknown>();

    head.write("abc", () => head.write("def", resolve));

    expect((await promise) ?? null).toBeNull();
  });
});
