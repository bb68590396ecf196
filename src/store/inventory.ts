import { readFile, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Digest, isDigest } from "../base/digest.ts";
import { lifeOfOwner } from "../base/owner-mark.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { isVoid } from "./claim.ts";
import type { Store } from "./store.ts";

/** Something in the store that can be had again at the cost of a download. */
export interface StoredItem {
  readonly kind: "blob" | "source";
  /** The digest of a blob; a source's first file. */
  readonly name: string;
  /** All that goes with it: a source's files are links to blobs, and free nothing without them. */
  readonly paths: readonly string[];
  readonly sizeBytes: number;
  readonly lastUsed: Date;
}

/** A memo as it lies there. */
export interface StoredMemo {
  readonly kind: string;
  readonly key: Digest;
  readonly path: string;
  readonly text: string;
  /** When it was written or, to the day, last used. */
  readonly written: Date;
}

/** The downloaded sources and all blobs that are not part of one. */
export async function storedItems(store: Store): Promise<readonly StoredItem[]> {
  const blobs = new Map<number, { digest: Digest; path: string; sizeBytes: number; lastUsed: Date }>();
  for await (const blob of store.blobs()) {
    const status = await statOrNull(blob.path);
    if (status !== null) blobs.set(status.ino, blob);
  }
  const sources: StoredItem[] = [];
  for (const directory of await entries(join(store.directory, "sources"))) {
    const files = await Promise.all(
      (await entries(directory)).map(async (path) => ({ path, status: await statOrNull(path) })),
    );
    const used = await statOrNull(directory);
    if (used === null) continue;
    const linked = files.flatMap(({ status }) =>
      status === null ? [] : (blobs.get(status.ino)?.path ?? []),
    );
    for (const { status } of files) if (status !== null) blobs.delete(status.ino);
    sources.push({
      kind: "source",
      name:
        (files.find(({ path }) => path.endsWith(".dsc"))?.path ?? directory).split("/").at(-1) ?? directory,
      paths: [directory, ...linked],
      sizeBytes: files.reduce((sum, { status }) => sum + (status?.size ?? 0), 0),
      lastUsed: used.mtime,
    });
  }
  const rest = [...blobs.values()].map(({ digest, path, sizeBytes, lastUsed }): StoredItem => ({
    kind: "blob",
    name: digest,
    paths: [path],
    sizeBytes,
    lastUsed,
  }));
  return [...sources, ...rest];
}

/** Removes an item unless it was used since it was listed. Gives whether it is gone. */
export async function removeItem({ paths, lastUsed }: StoredItem): Promise<boolean> {
  const [first = ""] = paths;
  const status = await statOrNull(first);
  if (status !== null && status.mtime > lastUsed) return false;
  for (const path of paths) await rm(path, { recursive: true, force: true });
  return true;
}

/** Every memo of the store. */
export async function storedMemos(store: Store): Promise<readonly StoredMemo[]> {
  const memos: StoredMemo[] = [];
  for (const directory of await entries(join(store.directory, "memo"))) {
    for (const path of await entries(directory)) {
      const status = await statOrNull(path);
      if (status === null) continue;
      const text = await readFile(path, "utf8").catch(nullIfMissing);
      const key = `sha256:${basename(path, ".json")}`;
      if (text !== null && isDigest(key))
        memos.push({ kind: basename(directory), key, path, text, written: status.mtime });
    }
  }
  return memos;
}

/** Unfinished files of processes that have died, and void claims. Files of owners that cannot be known of must be older than a day. */
export async function leftovers(store: Store, now: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of await entries(join(store.directory, "tmp"))) {
    const status = await statOrNull(path);
    if (status === null) continue;
    const life = lifeOfOwner(basename(path));
    if (life === "dead" || (life === "unknown" && now - status.mtimeMs > dayMs)) found.push(path);
  }
  for (const path of await entries(join(store.directory, "claims"))) {
    if (await isVoid(path, now)) found.push(path);
  }
  return found;
}

const dayMs = 24 * 3_600_000;

async function entries(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(nullIfMissing);
  return (names ?? []).toSorted().map((name) => join(directory, name));
}

function statOrNull(path: string) {
  return stat(path).catch(nullIfMissing);
}
