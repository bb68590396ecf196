import type { Kiln } from "../kiln.ts";
import type { Lock } from "../lock.ts";
import { type NamedEnvironment, listNamed, recallNamedLock } from "./find.ts";

/** Everything about a named environment. */
export interface Described {
  readonly named: NamedEnvironment;
  /** Null when it is not in this cache. */
  readonly lock: Lock | null;
  readonly snapshots: readonly string[];
}

/** Gathers what is to be said of a named environment. */
export async function describeNamed(kiln: Kiln, named: NamedEnvironment): Promise<Described> {
  const [lock, all] = await Promise.all([recallNamedLock(kiln, named), listNamed(kiln)]);
  const snapshots = all.flatMap(({ at }) =>
    at.name === named.at.name && at.snapshot !== null ? [at.snapshot] : [],
  );
  return { named, lock, snapshots };
}
