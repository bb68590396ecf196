import { describe, expect, test } from "vitest";
import { keyOf } from "../../../src/base/digest.ts";
import { type GarbagePolicy, leadsNowhere, planGarbage } from "../../../src/environment/gc-plan.ts";
import type { KeptImage } from "../../../src/environment/images.ts";
import type { StoredItem } from "../../../src/store/inventory.ts";

const hour = 3_600_000;
const day = 24 * hour;
const now = new Date("2026-11-21T12:00:00Z");
const none: GarbagePolicy = { olderThanMs: null, keepLast: null, maxBytes: null, idleMs: hour };

function ago(milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

function image(name: string, values: Partial<KeptImage>): KeptImage {
  return {
    kind: "environment",
    key: keyOf(name),
    reference: name,
    isNamed: true,
    target: "debian-trixie-amd64",
    base: null,
    lock: null,
    scope: null,
    sizeBytes: 100,
    created: ago(60 * day),
    lastUsed: ago(2 * hour),
    ...values,
  };
}

function item(name: string, values: Partial<StoredItem>): StoredItem {
  return { kind: "blob", name, paths: [`/${name}`], sizeBytes: 10, lastUsed: ago(2 * hour), ...values };
}

function names(policy: Partial<GarbagePolicy>, images: KeptImage[], items: StoredItem[] = []): string[] {
  return planGarbage(images, items, { ...none, ...policy }, now).map(({ garbage }) =>
    "image" in garbage ? garbage.image.reference : "item" in garbage ? garbage.item.name : "volume",
  );
}

describe("planGarbage", () => {
  test("removes by age what was not used for that long", () => {
    const images = [image("old", { lastUsed: ago(31 * day) }), image("new", { lastUsed: ago(29 * day) })];
    const items = [item("old.deb", { lastUsed: ago(31 * day) }), item("new.deb", {})];

    expect(names({ olderThanMs: 30 * day }, images, items)).toEqual(["old", "old.deb"]);
  });

  test("never removes a named environment or what it stands on, but one that has lost its name", () => {
    const old = { lastUsed: ago(90 * day) };
    const images = [
      image("base", { kind: "base", ...old }),
      image("dev", { kind: "named", name: "dev", base: keyOf("base"), ...old }),
      image("before", { kind: "named", isNamed: false, ...old }),
    ];

    expect(names({ olderThanMs: 0, keepLast: 0, maxBytes: 0 }, images)).toEqual(["before"]);
  });

  test("never removes what was used within the idle time", () => {
    const images = [
      image("a", { lastUsed: ago(hour - 1) }),
      image("b", { isNamed: false, lastUsed: ago(1) }),
    ];

    expect(names({ olderThanMs: 0, keepLast: 0, maxBytes: 0 }, images)).toEqual([]);
    expect(names({ olderThanMs: 0, idleMs: 0 }, images)).toEqual(["b", "a"]);
  });

  test("keeps a base as long as anything stands on it", () => {
    const base = image("base", { kind: "base", lastUsed: ago(90 * day) });
    const above = image("above", { base: base.key, lastUsed: ago(2 * hour) });

    expect(names({ olderThanMs: 30 * day }, [base, above])).toEqual([]);
    expect(names({ olderThanMs: hour }, [base, above])).toEqual(["above", "base"]);
  });

  test("keeps the N last used of each kind for each target", () => {
    const images = [
      image("t1", { lastUsed: ago(2 * hour) }),
      image("t2", { lastUsed: ago(3 * hour) }),
      image("t3", { lastUsed: ago(4 * hour) }),
      image("s1", { target: "debian-sid-amd64", lastUsed: ago(5 * hour) }),
      image("i1", { kind: "index", lastUsed: ago(6 * hour) }),
    ];

    expect(names({ keepLast: 1 }, images)).toEqual(["t2", "t3"]);
  });

  test("removes what was used longest ago until the rest fits", () => {
    const base = image("base", { kind: "base", lastUsed: ago(9 * hour) });
    const images = [
      base,
      image("a", { base: base.key, lastUsed: ago(3 * hour) }),
      image("b", { lastUsed: ago(4 * hour) }),
    ];
    const items = [item("x.deb", { lastUsed: ago(5 * hour) })];

    expect(names({ maxBytes: 310 }, images, items)).toEqual([]);
    expect(names({ maxBytes: 299 }, images, items)).toEqual(["x.deb", "b"]);
    expect(names({ maxBytes: 0 }, images, items)).toEqual(["x.deb", "b", "a", "base"]);
  });

  test("always removes an index that a newer one of the same archive superseded", () => {
    const images = [
      image("older", { kind: "index", scope: "s", created: ago(3 * day) }),
      image("newer", { kind: "index", scope: "s", created: ago(2 * day) }),
      image("other", { kind: "index", scope: "t", created: ago(3 * day) }),
      image("unknown", { kind: "index", scope: null, created: ago(3 * day) }),
    ];

    expect(names({}, images)).toEqual(["older"]);
  });

  test("keeps the lock of an environment that stays", () => {
    const lock = keyOf("lock");
    const items = [item(lock, { lastUsed: ago(90 * day) }), item("other", { lastUsed: ago(90 * day) })];

    expect(names({ olderThanMs: 30 * day }, [image("a", { lock })], items)).toEqual(["other"]);
  });
});

test("a memo leads nowhere when a digest in it is gone", () => {
  const gone = new Set([keyOf("gone")]);

  expect(leadsNowhere(JSON.stringify({ lock: keyOf("gone") }), gone)).toBe(true);
  expect(leadsNowhere(JSON.stringify({ lock: keyOf("there") }), gone)).toBe(false);
});
