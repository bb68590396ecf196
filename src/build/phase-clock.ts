import type { failStages } from "./sbuild-log.ts";

export type Phase = keyof typeof failStages;

/** Which phase a build is in, and how long each took. */
export class PhaseClock {
  readonly started = new Date();
  private readonly begin = performance.now();
  private readonly spent = new Map<Phase, number>();
  private entered = this.begin;
  current: Phase = "start";

  /** Ends the current phase and begins another. */
  enter(phase: Phase): void {
    this.end();
    this.current = phase;
  }

  /** Books the time of the current phase. */
  end(): void {
    const now = performance.now();
    this.spent.set(this.current, (this.spent.get(this.current) ?? 0) + now - this.entered);
    this.entered = now;
  }

  seconds(phase: Phase): number {
    return (this.spent.get(phase) ?? 0) / 1000;
  }

  /** Seconds since the start. */
  get total(): number {
    return (performance.now() - this.begin) / 1000;
  }

  get phases(): { name: string; seconds: number }[] {
    return [...this.spent].map(([name, milliseconds]) => ({
      name,
      seconds: Math.round(milliseconds) / 1000,
    }));
  }
}
