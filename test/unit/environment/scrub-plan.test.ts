import { expect, test } from "vitest";
import { type Digest, keyOf } from "../../../src/base/digest.ts";
import type { KeptImage } from "../../../src/environment/images.ts";
import { type ScrubRequest, caches, planScrub } from "../../../src/environment/scrub-plan.ts";
import type { StoredItem } from "../../../src/store/inventory.ts";

const lock = keyOf("lock");

function image(reference: string, values: Partial<KeptImage>): KeptImage {
  return {
    kind: "environment",
    key: keyOf(reference),
    reference,
    isNamed: true,
    target: "debian-trixie-amd64",
    base: keyOf("base"),
    lock: null,
    scope: null,
    sizeBytes: 1,
    created: new Date(0),
    lastUsed: new Date(0),
    ...values,
  };
}

function blob(name: Digest): StoredItem {
  return { kind: "blob", name, paths: [], sizeBytes: 1, lastUsed: new Date(0) };
}

const base = image("base", { kind: "base", base: null });
const images = [
  base,
  image("env", {}),
  image("sid", { target: "debian-sid-amd64" }),
  image("failed", { kind: "failed" }),
];
const items = [blob(lock), blob(keyOf("deb"))];

function planned(request: Partial<ScrubRequest>, all = images): string[] {
  return planScrub(all, items, { caches: [], target: null, ...request }).map(({ garbage }) =>
    "image" in garbage ? garbage.image.reference : "item" in garbage ? garbage.item.name : "volume",
  );
}

test("a cache is emptied, and nothing else", () => {
  expect(planned({ caches: ["environments"] })).toEqual(["env", "sid"]);
  expect(planned({ caches: ["downloads"] })).toEqual([lock, keyOf("deb")]);
});

test("bases go last, and only when nothing else stands on them", () => {
  expect(planned({ caches: ["bases"] })).toEqual([]);
  expect(planned({ caches: ["bases", "environments", "failed"] })).toEqual(["env", "sid", "failed", "base"]);
});

test("one target's images leave the others, and downloads, alone", () => {
  expect(planned({ caches: ["environments", "downloads"], target: "debian-sid-amd64" })).toEqual(["sid"]);
});

test("named environments, their bases and their locks stay when all caches are emptied", () => {
  const all = [...images, image("dev", { kind: "named", name: "dev", lock })];
  const names = Object.keys(caches).filter((name): name is keyof typeof caches => name in caches);

  expect(planned({ caches: names }, all)).toEqual([keyOf("deb"), "env", "sid", "failed"]);
});
