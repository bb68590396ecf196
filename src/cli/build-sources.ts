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
    for (const named of sources) {
      const request = await buildRequest(kiln, session, named, flags, choice);
      const onFailure = afterFailure(session, flags);
      const { report } = session;
      outcomes.push(await build(kiln, { ...request, onFailure }, { report, version: version() }));
      if (kiln.signal.aborted) break;
    }
    for (const outcome of outcomes) session.result(outcomeText(outcome), outcome.result);
    const failed = outcomes.find(({ failure }) => failure !== null)?.failure;
    if (failed !== undefined && failed !== null) throw failed;
  });
}
