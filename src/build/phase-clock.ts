import { type Resources, addResources } from "../base/resources.ts";
import type { failStages } from "./sbuild-log.ts";

export type Phase = keyof typeof failStages;

/** A phase that has ended. */
export interface Spent {
  readonly name: Phase;
  /** Wall time. */
  readonly seconds: number;
  /** What its commands took; null when nothing was measured. */
  readonly resources: Resources | null;
}

/** Which phase a build is in, and what each took. */
export class PhaseClock {
  readonly started = new Date();
  private readonly begin = performance.now();
  private readonly spent = new Map<Phase, Spent>();
  private readonly ended: (spent: Spent) => void;
  private entered = this.begin;
  private taken: Resources | null = null;
  current: Phase = "start";

  /** `ended` hears of each phase at its end. */
  constructor(ended: (spent: Spent) => void) {
    this.ended = ended;
  }

  /** Ends the current phase and begins another; entering the current one changes nothing. */
  enter(phase: Phase): void {
    if (phase === this.current) return;
    this.end();
    this.current = phase;
  }

  /** Books what a command of the current phase took. */
  book(resources: Resources | null): void {
    this.taken = addResources(this.taken, resources);
  }

  /** Ends the current phase. */
  end(): void {
    const now = performance.now();
    const name = this.current;
    const spent = { name, seconds: (now - this.entered) / 1000, resources: this.taken };
    this.spent.set(name, spent);
    this.entered = now;
    this.taken = null;
    this.ended({ ...spent, seconds: rounded(spent.seconds) });
  }

  seconds(phase: Phase): number {
    return this.spent.get(phase)?.seconds ?? 0;
  }

  /** Seconds since the start. */
  get total(): number {
    return (performance.now() - this.begin) / 1000;
  }

  get phases(): Spent[] {
    return [...this.spent.values()].map((each) => ({ ...each, seconds: rounded(each.seconds) }));
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
