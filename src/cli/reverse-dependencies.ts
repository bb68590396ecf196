import { counted } from "../base/counted.ts";
import { asFailure } from "../base/failure.ts";
import { unorderedChain } from "../build/chain/plan-chain.ts";
import type { BuildRequest } from "../build/request.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type ReverseNeed, reverseDependencies } from "../environment/reverse-dependencies.ts";
import { binariesOf, buildRequest, hostOf, placeOf, wordsOf } from "./build-request.ts";
import { type ChainFlags, runPlanned } from "./chain.ts";
import { withCompilerCache } from "./compiler-cache.ts";
import { withKiln } from "./kiln.ts";
import { table } from "./render/table.ts";
import type { Session } from "./session.ts";

/** Shows the sources that need some packages, and builds them if that is wanted. @throws Failure of the first that failed. */
export async function showReverseDependencies(
  session: Session,
  names: readonly string[],
  flags: Omit<ChainFlags, "onFailure" | "dry-run"> & { readonly build: boolean },
): Promise<void> {
  await withKiln(session, async (kiln) => {
    const { target, archive } = await placeOf(flags, session.settings, null);
    const host = hostOf(flags, target);
    const { profiles } = wordsOf(flags, session.settings, host);
    const question = { target, archive, host, names, profiles };
    const found = await session.task.step(
      "rdeps",
      `Look for what needs ${names.join(", ")}`,
      async (step) => {
        const all = await reverseDependencies(kiln, question, step);
        step.summary = counted(all.length, "source");
        return all;
      },
    );
    if (!flags.build) return session.result(needsText(found), found);
    const requests = await requestsOf(kiln, session, found, flags);
    const options = { ...flags, onFailure: "continue", publishes: false } as const;
    await runPlanned(kiln, session, unorderedChain(requests), options);
  });
}

/** The sources that can be had; of the others it is said why not. */
async function requestsOf(
  kiln: Kiln,
  session: Session,
  found: readonly ReverseNeed[],
  flags: Omit<ChainFlags, "onFailure" | "dry-run">,
): Promise<readonly BuildRequest[]> {
  const requests: BuildRequest[] = [];
  for (const { source, version } of found) {
    const named = { kind: "package", name: source, version } as const;
    try {
      const request = await buildRequest(kiln, session, named, flags, binariesOf(flags));
      requests.push(withCompilerCache(request, named, session, flags));
    } catch (thrown) {
      kiln.signal.throwIfAborted();
      const { message, hint } = asFailure(thrown);
      session.task.warn(`${source} ${version} is left out: ${message}`, hint);
    }
  }
  return requests;
}

function needsText(found: readonly ReverseNeed[]): string {
  if (found.length === 0) return "No source package needs it\n";
  const rows = found.map(({ source, version, relations }) => [
    source,
    version,
    relations
      .map(({ field, relation }) => `${relation}${field === "Build-Depends" ? "" : ` (${field})`}`)
      .join(", "),
  ]);
  return table(["SOURCE", "VERSION", "NEEDS"], rows);
}
