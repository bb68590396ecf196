import type { FinishOptions, LaidEntry } from "../finish/options.ts";
import type { ImagePlan } from "../plan.ts";

/** What finishing is told of a plan. */
export function finishOptions(
  { hostname, services, layout, ...plan }: ImagePlan,
  made: {
    readonly epoch: number;
    readonly entries: readonly LaidEntry[];
  },
): FinishOptions {
  return {
    epoch: made.epoch,
    files: made.entries,
    hostname,
    services,
    var: plan.var,
    home: layout.home,
    local: layout.local,
  };
}
