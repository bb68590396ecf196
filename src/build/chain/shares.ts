/** What a build may use, or is taken to. */
export interface Resources {
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

/** What decides how many builds of a chain run at once. */
export interface Crowd {
  /** How many there are that do not wait for each other. */
  readonly breadth: number;
  /** How many the user allows at most; null leaves it to the rest. */
  readonly builds: number | null;
  /** What the user allows all together. */
  readonly budget: Resources;
  /** What the user bounds each by. */
  readonly bounds: Resources;
  /** What the machine has to give. */
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
}

/** How the builds of a chain share what there is. */
export interface Shares {
  /** How many run at once. */
  readonly builds: number;
  /** Jobs in each; null for as many as it sees processors. */
  readonly jobs: number | null;
  /** What bounds each. */
  readonly bounds: Resources;
}

/**
 * As many builds at once as have room, one in any case. A build that is not bounded is taken to need what most do. Where only a
 * number of builds is asked for, processors do not limit it: builds that share them are slower, and done sooner all together. A
 * budget holds: each is held to its share of it, also where a bound of its own allows more.
 */
export function sharesOf({ breadth, builds: asked, budget, bounds, machine }: Crowd): Shares {
  const claim = { cpus: bounds.cpus ?? usual.cpus, memoryBytes: bounds.memoryBytes ?? usual.memoryBytes };
  const cpus = budget.cpus ?? (asked === null ? machine.cpus : Infinity);
  const room = Math.min(cpus / claim.cpus, (budget.memoryBytes ?? machine.memoryBytes) / claim.memoryBytes);
  const builds = Math.max(1, Math.min(breadth, asked ?? Infinity, Math.floor(room)));
  const isShared = builds > 1 || budget.cpus !== undefined;
  return {
    builds,
    jobs: isShared ? jobsOf(builds, Math.min(machine.cpus, budget.cpus ?? Infinity)) : null,
    bounds: {
      cpus: boundOf(bounds.cpus, budget.cpus, (all) => all / builds),
      memoryBytes: boundOf(bounds.memoryBytes, budget.memoryBytes, (all) => Math.floor(all / builds)),
    },
  };
}

function boundOf(
  own: number | undefined,
  budget: number | undefined,
  share: (all: number) => number,
): number | undefined {
  if (budget === undefined) return own;
  return Math.min(own ?? Infinity, share(budget));
}

/** Most builds have phases of one processor, and few need more memory. */
const usual = { cpus: 1, memoryBytes: 1024 ** 3 } as const;

/** All together run twice as many jobs as there are processors, since those of one often wait. */
function jobsOf(builds: number, processors: number): number {
  return Math.max(1, Math.min(processors, Math.ceil((2 * processors) / builds)));
}
