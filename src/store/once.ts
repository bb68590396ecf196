import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Digest, hexOf } from "../base/digest.ts";
import { throwIfAborted } from "../base/event.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { isAlive, thisProcess } from "../base/process-identity.ts";
import { diskFailure } from "./disk.ts";
import type { Store } from "./store.ts";

/**
 * Does a piece of work once for all processes that want it at the same time: one claims it, the others wait and then find
 * the result. `find` looks for the finished result (null while there is none), `make` produces it. A claim whose process
 * died is void, so nothing ever waits for the dead; should two processes both make it, the result is the same.
 */
export async function once<T>(
  store: Store,
  kind: string,
  key: Digest,
  signal: AbortSignal,
  work: { readonly find: () => Promise<T | null>; readonly make: () => Promise<T> },
): Promise<T> {
  await using held = await claimUnlessFound(store, kind, key, signal, work.find);
  return held instanceof Claim ? ((await work.find()) ?? (await work.make())) : held.found;
}

/** The right to make something, until it is disposed of or its process dies. */
export class Claim implements AsyncDisposable {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** What `find` finds, as soon as there is something; else the claim to make it, as soon as nobody alive holds it. */
export async function claimUnlessFound<T>(
  store: Store,
  kind: string,
  key: Digest,
  signal: AbortSignal,
  find: () => Promise<T | null>,
): Promise<Claim | Found<T>> {
  const path = join(store.directory, "claims", `${kind}-${hexOf(key)}`);
  for (;;) {
    throwIfAborted(signal);
    const found = await find();
    if (found !== null) return new Found(found);
    if (await take(path)) return new Claim(path);
    await setTimeout(100);
  }
}

/** Something that needed no claim. */
export class Found<T> implements AsyncDisposable {
  readonly found: T;

  constructor(found: T) {
    this.found = found;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Puts up the claim, complete at once by link(2), unless one is there; takes a dead process's claim down. */
async function take(claim: string): Promise<boolean> {
  const written = await writeClaim(claim);
  try {
    await link(written, claim);
    return true;
  } catch (thrown) {
    if (!hasCode(thrown, "EEXIST")) throw thrown;
    const holder = await readFile(claim, "utf8").catch((missing: unknown) => {
      if (hasCode(missing, "ENOENT")) return null;
      throw missing;
    });
    if (holder !== null && !isAlive(holder)) await rm(claim, { force: true });
    return false;
  } finally {
    await rm(written, { force: true });
  }
}

async function writeClaim(claim: string): Promise<string> {
  const path = `${claim}.${randomBytes(8).toString("hex")}`;
  try {
    await makeDirectory(dirname(claim));
    await writeFile(path, thisProcess(), { flag: "wx" });
    return path;
  } catch (thrown) {
    await rm(path, { force: true });
    throw diskFailure(thrown, dirname(claim));
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}
