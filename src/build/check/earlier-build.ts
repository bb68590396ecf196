import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../base/parse-json.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { compareVersions, parseVersion } from "../../debian/version.ts";
import type { BuildPlan } from "../plan.ts";

/** The results of a build before. */
export interface EarlierBuild {
  readonly directory: string;
  /** In words: `the last build`, of the same version, or `the last build, 1.0-1`. */
  readonly words: string;
}

/**
 * The last build of a source for the same architecture whose results lie in the output directory: of the same version, else of the
 * highest one below it; null when there is none.
 */
export async function earlierBuild(
  output: string,
  { name, stem, source, version }: Pick<BuildPlan, "name" | "stem" | "source" | "version">,
): Promise<EarlierBuild | null> {
  const same = join(output, name);
  if ((await versionIn(same, source.name)) !== null) return { directory: same, words: "the last build" };
  const ending = name.slice(stem.length);
  const found: { readonly directory: string; readonly version: string }[] = [];
  for (const each of (await readdir(output).catch(nullIfMissing)) ?? []) {
    if (!each.startsWith(`${source.name}_`) || !each.endsWith(ending)) continue;
    const directory = join(output, each);
    const built = await versionIn(directory, source.name);
    if (built !== null && compareVersions(built, version) < 0) found.push({ directory, version: built });
  }
  const [last] = found.toSorted((a, b) => compareVersions(b.version, a.version));
  return last === undefined ? null : { directory: last.directory, words: `the last build, ${last.version}` };
}

const Built = z.looseObject({
  source: z.looseObject({ name: z.string(), version: z.string().refine(isVersion) }),
});

function isVersion(text: string): boolean {
  try {
    return parseVersion(text).epoch >= 0;
  } catch {
    return false;
  }
}

/** The version that a directory has results of; null when it has none of that source that can be read. */
async function versionIn(directory: string, source: string): Promise<string | null> {
  // What lies there may be anybody's.
  const text = await readFile(join(directory, "result.json"), "utf8").catch(() => null);
  const built = text === null ? undefined : Built.safeParse(parseJson(text)).data?.source;
  return built?.name === source ? built.version : null;
}
