/** What all builds of a chain may use together. */
export interface Budget {
  /** At most so many builds at once; null for what the others allow. */
  readonly builds: number | null;
  /** Null: as many builds as there are processors, or as are asked for. */
  readonly cpus: number | null;
  readonly memoryBytes: number;
}

/** What one build is taken to use. */
export interface Claim {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** What a build that is not bounded is taken to use: most have phases of one processor, and few need more memory. */
export const usualClaim: Claim = { cpus: 1, memoryBytes: 1024 ** 3 };

/**
 * How many builds may run at once within a budget; one may in any case. Where only a number of builds is asked for, processors
 * do not bound it: builds that share them are slower, and done sooner all together.
 */
export function widthOf({ builds, cpus, memoryBytes }: Budget, claim: Claim, processors: number): number {
  const byCpus =
    cpus === null ? (builds ?? Math.floor(processors / claim.cpus)) : Math.floor(cpus / claim.cpus);
  const byMemory = Math.floor(memoryBytes / claim.memoryBytes);
  return Math.max(1, Math.min(builds ?? Infinity, byCpus, byMemory));
}

/** How many jobs each of so many builds at once may run: all together twice as many as there are processors. */
export function jobsOf(width: number, processors: number): number {
  return Math.max(1, Math.min(processors, Math.ceil((2 * processors) / width)));
}
