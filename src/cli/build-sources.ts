import { type Failure, asFailure } from "../base/failure.ts";
import { build } from "../build/build.ts";
import type { BuildOutcome } from "../build/conclude.ts";
import { identifySource } from "../build/source/identify.ts";
import type { TargetFlags } from "./target.ts";
import { type Choice, type FailureFlags, afterFailure, buildRequest } from "./build-request.ts";
import { withKiln } from "./kiln.ts";
import { outcomeText } from "./render/outcome.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

/**
 * Builds the sources that the user named, one after the other, and shows what came of each.
 * @throws Failure of the first that failed.
 */
export async function buildSources(
  session: Session,
  words: readonly string[],
  flags: TargetFlags & FailureFlags,
  choice: Choice,
): Promise<void> {
  const sources = await Promise.all(words.map((word) => identifySource(word, process.cwd())));
  await withKiln(session, async (kiln) => {
    const outcomes: BuildOutcome[] = [];
    const failures: Failure[] = [];
    for (const named of sources) {
      try {
        const request = await buildRequest(kiln, session, named, flags, choice);
        const onFailure = afterFailure(session, flags);
        const { report } = session;
        const outcome = await build(kiln, { ...request, onFailure }, { report, version: version() });
        outcomes.push(outcome);
        if (outcome.failure !== null) failures.push(outcome.failure);
      } catch (thrown) {
        // A source that cannot be had, or results that cannot be put in place, leave no outcome.
        const failure = asFailure(thrown);
        failures.push(failure);
        if (failures.length > 1) session.task.warn(failure.message, failure.hint);
      }
      if (kiln.signal.aborted) break;
    }
    for (const outcome of outcomes) session.result(outcomeText(outcome), outcome.result);
    const [first] = failures;
    if (first !== undefined) throw first;
  });
}
