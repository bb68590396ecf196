import { buildDirectory } from "../environment/builder.ts";
import { dataDirectory, ownDirectory } from "./cache-places.ts";
import type { CompilerCache, Counts } from "./compiler-cache.ts";

export const statistics = `${ownDirectory}/statistics`;

/**
 * The variables by which compilers are found through ccache(1). Versions hit each other: their trees' paths, which differ, are
 * relative to ccache and not part of its keys, and dpkg's flags map them away in what is compiled. Compilers are known by
 * their content, since the same time of a file means little where packages are unpacked.
 */
export function ccacheVariables(
  { maxBytes, readOnly }: Pick<CompilerCache, "maxBytes" | "readOnly">,
  path: string,
): Readonly<Record<string, string>> {
  return {
    PATH: `/usr/lib/ccache:${path}`,
    CCACHE_DIR: dataDirectory,
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
export function countedIn(counts: string): Counts | null {
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
