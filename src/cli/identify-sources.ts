import { identifySource } from "../build/source/identify.ts";
import type { SourceArgument } from "../build/source.ts";
import type { Settings } from "./settings.ts";
import { type TargetFlags, targetOf } from "./target.ts";

type NamingFlags = TargetFlags & { readonly env?: string | undefined };

/**
 * The sources that words of the command line mean. A wrong suite, architecture or target is told of first: with `-d sl` the package
 * has become a suite, and the source that is missing then would only puzzle.
 * @throws Failure what `targetOf` and `identifySource` raise (usage).
 */
export async function identifySources(
  words: readonly string[],
  flags: NamingFlags,
  settings: Settings,
): Promise<SourceArgument[]> {
  return await Promise.all(words.map((word) => identifyNamedSource(word, flags, settings)));
}

/** As `identifySources`, of one word. */
export async function identifyNamedSource(
  word: string,
  flags: NamingFlags,
  settings: Settings,
): Promise<SourceArgument> {
  // A named environment has a target of its own.
  if (flags.env === undefined) targetOf(flags, settings, null);
  return await identifySource(word, process.cwd());
}
