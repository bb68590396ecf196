import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { throwIfAborted } from "../base/event.ts";
import { takeClaim } from "../store/claim.ts";
import { stateDirectory } from "./settings.ts";

/** What waits for its turn. */
export interface Turn {
  readonly signal: AbortSignal;
  /** Called once, when another process is seen to be at it. */
  readonly waiting?: () => void;
}

/**
 * Does a piece of work on a repository while no other process does any of that name: each waits for its turn. A process that
 * dies keeps nobody waiting (claims, docs/decisions).
 */
export async function exclusively<T>(
  directory: string,
  name: "change" | "chain",
  { signal, waiting = () => {} }: Turn,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(directory, stateDirectory, "claims", name);
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    await using claim = await takeClaim(path);
    if (claim !== null) return await work();
    if (attempt === 1) waiting();
    await setTimeout(50);
  }
}
