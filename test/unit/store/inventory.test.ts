import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf, keyOf } from "../../../src/base/digest.ts";
import { ownedName } from "../../../src/base/owner-mark.ts";
import { thisProcess } from "../../../src/base/process-identity.ts";
import { leftovers, removeItem, storedItems, storedMemos } from "../../../src/store/inventory.ts";
import { Store } from "../../../src/store/store.ts";

describe("the store's inventory", () => {
  let directory = "";
  let store = new Store("");

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "inventory-"));
    store = new Store(directory);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("is empty when there is no store yet", async () => {
    const absent = new Store(join(directory, "absent"));

    expect(await storedItems(absent)).toEqual([]);
    expect(await storedMemos(absent)).toEqual([]);
    expect(await leftovers(absent, Date.now())).toEqual([]);
  });

  test("counts a source and the blobs that it links to as one", async () => {
    const blob = await store.putBytes("tarball");
    const other = await store.putBytes("other");
    mkdirSync(join(directory, "sources/abc"), { recursive: true });
    linkSync(store.blobPath(blob), join(directory, "sources/abc/sl_5.02-1.dsc"));

    const items = await storedItems(store);

    expect(items.map(({ kind, name, sizeBytes }) => [kind, name, sizeBytes])).toEqual([
      ["source", "sl_5.02-1.dsc", 7],
      ["blob", other, 5],
    ]);
    expect(items[0]?.paths).toEqual([join(directory, "sources/abc"), store.blobPath(blob)]);
  });

  test("removes an item unless it was used since it was listed", async () => {
    const digest = await store.putBytes("text");
    const [item] = await storedItems(store);
    if (item === undefined) throw new Error("nothing was listed");
    utimesSync(store.blobPath(digest), new Date(), new Date(item.lastUsed.getTime() + 1000));

    expect(await removeItem(item)).toBe(false);
    expect(await store.hasBlob(digest)).toBe(true);

    const [again] = await storedItems(store);
    expect(again !== undefined && (await removeItem(again))).toBe(true);
    expect(await store.hasBlob(digest)).toBe(false);
  });

  test("lists memos with their kind and text", async () => {
    await store.remember("resolution", keyOf(1), { lock: digestOf("") });

    expect(await storedMemos(store)).toMatchObject([
      { kind: "resolution", text: JSON.stringify({ lock: digestOf("") }) },
    ]);
  });

  test("finds what dead processes left, and nothing of living ones", async () => {
    const day = 24 * 3_600_000;
    const dead = thisProcess().replace(/\d+$/, "1");
    const elsewhere = thisProcess().replace(/^[^+]+/, "another-host");
    for (const name of ["tmp", "claims"]) mkdirSync(join(directory, name));
    const ended = ownedName().replace(/^[^~]+/, encodeURIComponent(dead));
    const foreign = ownedName().replace(/^[^~]+/, encodeURIComponent(elsewhere));
    for (const name of [ended, foreign, ownedName(), "of-nobody"])
      writeFileSync(join(directory, "tmp", name), "");
    writeFileSync(join(directory, "claims/base-dead"), dead);
    writeFileSync(join(directory, "claims/base-alive"), thisProcess());
    writeFileSync(join(directory, "claims/base-just-written"), "");

    const later = await leftovers(store, Date.now() + 2 * day);
    const now = await leftovers(store, Date.now());

    const at = (paths: readonly string[]) => paths.map((path) => join(directory, path)).toSorted();
    const certain = [`tmp/${ended}`, "claims/base-dead"];
    expect(now.toSorted()).toEqual(at(certain));
    expect(later.toSorted()).toEqual(
      at([...certain, `tmp/${foreign}`, "tmp/of-nobody", "claims/base-just-written"]),
    );
    expect(readdirSync(join(directory, "tmp"))).toHaveLength(4);
  });
});
