import { checks } from "./checks.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { gatherFacts, type GatherOptions } from "./gather.ts";

/** Looks at everything that a build needs of the host. Changes nothing. */
export async function examineHost(options: GatherOptions): Promise<readonly Finding[]> {
  return judge(await gatherFacts(options));
}

/** What the checks say of these facts, in their order; those that do not apply say nothing. */
export function judge(facts: Facts): readonly Finding[] {
  return Object.entries(checks).flatMap(([name, check]) => {
    const verdict = check(facts);
    return verdict === null ? [] : [{ check: name, ...verdict }];
  });
}
