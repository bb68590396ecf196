import { describe, expect, test } from "vitest";
import { type Digest } from "../../../src/base/digest.ts";
import type { KeptImage } from "../../../src/environment/images.ts";
import { selectImages } from "../../../src/environment/remove-images.ts";

function key(start: string): Digest {
  return `sha256:${start.padEnd(64, "0")}`;
}

function image(start: string, values: Partial<KeptImage> = {}): KeptImage {
  return {
    kind: "environment",
    key: key(start),
    reference: start,
    isNamed: true,
    target: "debian-trixie-amd64",
    base: key("ba5e"),
    lock: null,
    scope: null,
    sizeBytes: 1,
    created: new Date(0),
    lastUsed: new Date(0),
    ...values,
  };
}

const base = image("ba5e", { kind: "base", base: null });
const images = [base, image("abc1"), image("abd2")];

describe("selectImages", () => {
  test("takes the beginnings of keys, with or without the algorithm, once each", () => {
    const chosen = selectImages({ keys: ["abc", "sha256:ABC1", "abd"] }, images);

    expect(chosen.map(({ reference }) => reference)).toEqual(["abc1", "abd2"]);
  });

  test("takes a named environment with its snapshots, and its name before a key", () => {
    const dev = image("0dev", { kind: "named", name: "abc" });
    const before = image("0bef", { kind: "named", name: "abc@before" });

    const chosen = (word: string) =>
      selectImages({ keys: [word] }, [...images, dev, before]).map(({ reference }) => reference);

    expect(chosen("abc")).toEqual(["0dev", "0bef"]);
    expect(chosen("abc@before")).toEqual(["0bef"]);
    expect(chosen("abc1")).toEqual(["abc1"]);
    expect(() => chosen("0dev")).toThrow(expect.objectContaining({ code: "no-such-environment" }));
  });

  test("spares named ones and their bases when all are to go", () => {
    const named = image("0dev", { kind: "named", name: "dev" });

    expect(selectImages("all", [...images, named]).map(({ reference }) => reference)).toEqual([
      "abc1",
      "abd2",
    ]);
  });

  test("puts a base after what stands on it", () => {
    expect(selectImages("all", images).map(({ reference }) => reference)).toEqual(["abc1", "abd2", "ba5e"]);
    expect(selectImages({ keys: ["ba", "abc", "abd"] }, images).at(-1)).toBe(base);
  });

  test.each([
    ["ab", "ambiguous-key", /abc1\w+, abd2/],
    ["", "no-such-environment", /env list/],
    ["fff", "no-such-environment", /env list/],
    ["../../etc", "no-such-environment", /env list/],
    ["ba5e", "base-in-use", /env rm abc100000000 abd200000000 ba5e00000000/],
  ])("refuses %j with %s", (prefix, code, hint) => {
    expect(() => selectImages({ keys: [prefix] }, images)).toThrow(
      expect.objectContaining({ fault: "usage", code, hint: expect.stringMatching(hint) }),
    );
  });
});
