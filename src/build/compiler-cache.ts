import { z } from "zod";
import { buildDirectory } from "../environment/builder.ts";

/** A cache of what compilers made, for a build to use (ccache(1)). */
export interface CompilerCache {
  /** Whose cache it is; by default the source package's name. */
  readonly project: string;
  /** Builds of different trust share nothing: whoever builds can put anything into a cache. */
  readonly trust: string;
  readonly maxBytes: number;
  /** Whether a build only takes from it. */
  readonly readOnly: boolean;
}

/** What a build had of its cache, as ccache counted it. */
export const CacheUse = z
  .strictObject({
    project: z.string(),
    trust: z.string(),
    /** Compilations whose result was there. */
    hits: z.int().nonnegative(),
    /** Those that were done, and kept unless the cache was read only. */
    misses: z.int().nonnegative(),
    /** Calls that ccache cannot cache, such as links: it handed them on. */
    uncacheable: z.int().nonnegative(),
  })
  .readonly();
export type CacheUse = z.infer<typeof CacheUse>;

/** Inside a directory that is a volume of the build's, so that no image gets the place that it is mounted at. */
export const mountPoint = "/run/lock/ccache";
/** Of this build alone, outside of what is looked through for what a build leaves behind. */
const ownDirectory = "/build/ccache";
export const statistics = `${ownDirectory}/statistics`;

/** The package that has it, in the syntax of Build-Depends. */
export const cachePackage = "ccache";

/**
 * The variables of a build with a cache; `path` is its PATH. Versions hit each other: their trees' paths, which differ, are
 * relative to ccache and not part of its keys, and dpkg's flags map them away in what is compiled. Compilers are known by
 * their content, since the same time of a file means little where packages are unpacked.
 */
export function cacheVariables(
  { maxBytes, readOnly }: CompilerCache,
  path: string,
): Readonly<Record<string, string>> {
  return {
    PATH: `/usr/lib/ccache:${path}`,
    CCACHE_DIR: `${mountPoint}/data`,
    CCACHE_TEMPDIR: `${ownDirectory}/tmp`,
    CCACHE_BASEDIR: buildDirectory,
    CCACHE_NOHASHDIR: "1",
    CCACHE_COMPILERCHECK: "content",
    CCACHE_MAXSIZE: `${Math.max(1, Math.round(maxBytes / 1e6))}M`,
    CCACHE_STATSLOG: statistics,
    ...(readOnly ? { CCACHE_READONLY: "1" } : {}),
  };
}

/** Reads uniq(1)'s counts of the words in ccache's statistics log, which the build can write anything to. */
export function countedIn(counts: string): Pick<CacheUse, "hits" | "misses" | "uncacheable"> | null {
  const found = new Map(
    [...counts.matchAll(/^ *(\d{1,9}) ([a-z_]+)$/gm)].map(([, count, word]) => [word, Number(count)]),
  );
  const sum = (words: readonly string[]) => words.reduce((total, word) => total + (found.get(word) ?? 0), 0);
  const hits = sum(["direct_cache_hit", "preprocessed_cache_hit"]);
  const misses = sum(["cache_miss"]);
  const uncacheable = sum(passedOn);
  return hits + misses + uncacheable === 0 ? null : { hits, misses, uncacheable };
}

/** ccache's words (its Statistic.cpp) for calls that are none of its business. */
const passedOn = [
  "called_for_link",
  "called_for_preprocessing",
  "unsupported_source_language",
  "multiple_source_files",
  "no_input_file",
  "output_to_stdout",
  "unsupported_compiler_option",
  "autoconf_test",
  "could_not_use_precompiled_header",
  "unsupported_code_directive",
  "preprocessor_error",
  "compile_failed",
];

/** What there is to say of it, for people. */
export function cacheUseText({ project, trust, hits, misses, uncacheable }: CacheUse): string {
  const rate = hits + misses === 0 ? "" : ` (${Math.round((100 * hits) / (hits + misses))} %)`;
  const calls = uncacheable === 1 ? "1 call was" : `${uncacheable} calls were`;
  return `ccache of ${project} (${trust}): ${hits} of ${hits + misses} compilations were there${rate}, ${calls} not for it`;
}
