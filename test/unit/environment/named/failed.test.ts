import { describe, expect, test } from "vitest";
import type { Digest } from "../../../../src/base/digest.ts";
import type { KeptImage } from "../../../../src/environment/images.ts";
import { selectFailed } from "../../../../src/environment/named/failed.ts";

const older = kept("abc1", "sl_5.02-1_amd64", 1);
const newer = kept("abd2", "sl_5.02-1_amd64", 2);
const other = kept("0e", "sl-themes_1.0_all", 3);
const hello = kept("f00d", "hello_2.10-5_amd64", 4);
const environment: KeptImage = { ...kept("f0", "debian-trixie-amd64", 5), kind: "environment" };
const images = [older, other, newer, environment, hello];

describe("selectFailed", () => {
  test.each([
    ["sl", newer],
    ["sl_5.02-1", newer],
    ["sl_5.02-1_amd64", newer],
    ["sl-themes", other],
    ["abc", older],
    ["sha256:ABC1", older],
    ["localhost/debkiln/failed:abd2", newer],
    ["f0", hello],
  ])("%s means one build", (word, meant) => {
    expect(selectFailed(word, images)).toBe(meant);
  });

  test("takes a package whose name looks like a key for a package", () => {
    const bc = kept("99", "bc_1.07-1_amd64", 6);

    expect(selectFailed("bc", [...images, kept("bc", "x_1_all", 7), bc])).toBe(bc);
  });

  test("asks for more of a key that several have, and says the nearest name or what there is", () => {
    expect(failure("ab")).toMatchObject({ fault: "usage", code: "ambiguous-key" });
    expect(failure("helo")).toMatchObject({
      fault: "usage",
      code: "no-such-failed-build",
      hint: "Did you mean hello?",
    });
    expect(failure("debian-trixie-amd64")).toMatchObject({
      code: "no-such-failed-build",
      hint: expect.stringContaining("hello_2.10-5_amd64, sl-themes_1.0_all, sl_5.02-1_amd64"),
    });
    expect(failure("sl", [])).toMatchObject({ hint: expect.stringContaining("--keep") });
  });
});

function kept(start: string, target: string, minute: number): KeptImage {
  const key: Digest = `sha256:${start.padEnd(64, "0")}`;
  const created = new Date(minute * 60_000);
  const names = { kind: "failed", key, reference: start, isNamed: true, target } as const;
  return { ...names, base: null, lock: null, scope: null, sizeBytes: 1, created, lastUsed: created };
}

function failure(word: string, among: readonly KeptImage[] = images): unknown {
  try {
    return selectFailed(word, among);
  } catch (thrown) {
    return thrown;
  }
}
