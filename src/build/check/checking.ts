import type { Desk } from "../desk.ts";
import type { Artifact } from "../result.ts";
import type { CheckOutcome } from "./outcome.ts";
import { checks } from "./checks.ts";
import type { CheckPlace } from "./check.ts";
import { inapplicable } from "./inapplicable.ts";
import { PreparedEnvironments } from "./prepare.ts";
import { runChecks } from "./run.ts";

/** The checks of one build, from before it has begun. Disposing ends what was made ready in vain. */
export interface Checking extends AsyncDisposable {
  /** Begins to make ready what checks will run in, beside the build. */
  prepare(): void;
  /** Checks what the build gave. */
  run(artifacts: readonly Artifact[]): Promise<readonly CheckOutcome[]>;
}

/** The checks that a request wants. */
export function beginChecking(place: CheckPlace, desk: Desk): Checking {
  const prepared = new PreparedEnvironments(place, desk.aside);
  const wanted = place.request.checks;
  return {
    prepare: () => {
      for (const { name, environment } of wanted?.names.map((each) => checks[each]) ?? [])
        if (environment !== null && inapplicable(name, place.request) === null)
          prepared.begin(name, environment);
    },
    run: async (artifacts) => {
      if (wanted === undefined || wanted.names.length === 0) return [];
      desk.clock.enter("checks");
      return await runChecks({ place, wanted, desk, prepared }, artifacts);
    },
    [Symbol.asyncDispose]: () => prepared[Symbol.asyncDispose](),
  };
}
