import { describe, expect, test } from "vitest";
import { digestOf, keyOf } from "../../../src/base/digest.ts";
import { staleMemos } from "../../../src/environment/gc-memos.ts";
import type { StoredMemo } from "../../../src/store/inventory.ts";

const day = 24 * 3_600_000;
const now = Date.parse("2026-11-21T12:00:00Z");
const policy = { olderThanMs: 30 * day, keepLast: null, maxBytes: null, idleMs: 3_600_000 };
const base = digestOf("base");
const uri = "https://mirror.example/debian/dists/trixie/InRelease";

function memo(kind: string, of: unknown, content: unknown, days: number): StoredMemo {
  const key = keyOf(of);
  return { kind, key, path: `/${kind}`, text: JSON.stringify(content), written: new Date(now - days * day) };
}

const baseMemo = memo(
  "base",
  "any",
  {
    digest: base,
    packages: [],
    repositories: [
      {
        types: ["deb"],
        uris: ["https://mirror.example/debian"],
        suites: ["trixie"],
        components: ["main"],
        signedBy: null,
        enabled: true,
      },
    ],
  },
  1,
);

function stale(memos: StoredMemo[], changed: { gone?: string[]; bases?: (typeof base)[] } = {}): string[] {
  const facts = { policy, gone: new Set(changed.gone), bases: new Set(changed.bases), now };
  return staleMemos(memos, facts).map(({ kind }) => kind);
}

describe("staleMemos", () => {
  test("forgets what was not used for long, but never the newest base of a target", () => {
    const memos = [memo("used", 1, {}, 31), memo("resolution", 2, {}, 29), memo("base-latest", 3, {}, 99)];

    expect(stale(memos)).toEqual(["used"]);
  });

  test("forgets what leads to a removed blob, however young", () => {
    expect(stale([memo("resolution", 1, { lock: base }, 0)], { gone: [base] })).toEqual(["resolution"]);
    expect(stale([memo("layer-blob", 1, { digest: base }, 0)], { gone: [base] })).toEqual(["layer-blob"]);
  });

  test("keeps what is known of the indices of a base that stays", () => {
    const release = memo("release", { uri }, { digest: digestOf("text") }, 99);
    const other = memo("release", { uri: `${uri}2` }, { digest: digestOf("text") }, 99);

    expect(stale([baseMemo, release], { bases: [base] })).toEqual([]);
    expect(stale([baseMemo, other], { bases: [base] })).toEqual(["release"]);
    expect(stale([baseMemo, release])).toEqual(["release"]);
  });

  test("passes over memos that cannot be read", () => {
    expect(stale([{ ...baseMemo, text: "{" }], { bases: [base] })).toEqual([]);
  });
});
