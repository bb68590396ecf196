import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Digest, hexOf } from "../base/digest.ts";
import { throwIfAborted } from "../base/event.ts";
import { Claim, takeClaim } from "./claim.ts";
import type { Store } from "./store.ts";

/** How a thing is found that may be made meanwhile. */
export interface Search<T> {
  /** The finished thing; null while there is none. */
  readonly find: () => Promise<T | null>;
  /** Called once, when another process is seen to be making it. */
  readonly waiting?: () => void;
}

/**
 * Does a piece of work once for all processes that want it at the same time: one claims it, the others wait and then find
 * the result. `make` produces it. A claim whose process died is void, so nothing ever waits for the dead; should two
 * processes both make it, the result is the same.
 */
export async function once<T>(
  store: Store,
  kind: string,
  key: Digest,
  signal: AbortSignal,
  work: Search<T> & { readonly make: () => Promise<T> },
): Promise<T> {
  await using held = await claimUnlessFound(store, kind, key, signal, work);
  return held instanceof Claim ? ((await work.find()) ?? (await work.make())) : held.found;
}

/** What `find` finds, as soon as there is something; else the claim to make it, as soon as nobody alive holds it. */
export async function claimUnlessFound<T>(
  store: Store,
  kind: string,
  key: Digest,
  signal: AbortSignal,
  { find, waiting = () => {} }: Search<T>,
): Promise<Claim | Found<T>> {
  const path = join(store.directory, "claims", `${kind}-${hexOf(key)}`);
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    const found = await find();
    if (found !== null) return new Found(found);
    const claim = await takeClaim(path);
    if (claim !== null) return claim;
    if (attempt === 1) waiting();
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
