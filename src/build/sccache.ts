import { z } from "zod";
import { dataDirectory, ownDirectory } from "./cache-places.ts";
import type { CompilerCache, Counts } from "./compiler-cache.ts";

const wrappers = `${ownDirectory}/bin`;
/** sccache sets the time of what it takes, and takes nothing where it cannot: what may only be read is copied. */
const copy = `${ownDirectory}/data`;

/**
 * The variables by which compilers, and cargo's rustc, are found through sccache. Its server listens on a socket of this build's and
 * stays until the build ends. What is compiled is known by what the preprocessor made of it (no `DIRECT`, which trusts that
 * headers are found where they were); where the server ends amid a compilation, the compiler itself runs.
 */
export function sccacheVariables(
  { maxBytes, readOnly }: Pick<CompilerCache, "maxBytes" | "readOnly">,
  path: string,
): Readonly<Record<string, string>> {
  return {
    PATH: `${wrappers}:${path}`,
    RUSTC_WRAPPER: "/usr/bin/sccache",
    SCCACHE_DIR: readOnly ? copy : dataDirectory,
    SCCACHE_CACHE_SIZE: `${Math.max(1, Math.round(maxBytes / 1024 ** 2))}M`,
    SCCACHE_DIRECT: "false",
    SCCACHE_IDLE_TIMEOUT: "0",
    SCCACHE_IGNORE_SERVER_IO_ERROR: "1",
    SCCACHE_SERVER_UDS: `${ownDirectory}/socket`,
    ...(readOnly ? { SCCACHE_LOCAL_RW_MODE: "READ_ONLY" } : {}),
  };
}

/**
 * Puts a wrapper for each compiler before the compilers themselves, and starts the server. The package's own links in
 * /usr/lib/sccache do not do: called as `gcc`, sccache 0.10 finds no compiler behind them and reads the words as its own.
 */
export const startScript = `set -e
mkdir -p ${wrappers}
if [ "$SCCACHE_DIR" = ${copy} ] && [ -d ${dataDirectory} ]; then
  # Another build may remove what is oldest meanwhile.
  cp -a ${dataDirectory} ${copy} || :
fi
for each in /usr/lib/sccache/*; do
  name=\${each##*/}
  # One before a compiler that is not there would have configure scripts find it.
  [ -x "/usr/bin/$name" ] || continue
  printf '#!/bin/sh\\nexec /usr/bin/sccache /usr/bin/%s "$@"\\n' "$name" > "${wrappers}/$name"
  chmod 755 "${wrappers}/$name"
done
exec timeout 60 /usr/bin/sccache --start-server`;

/** Prints what the server counted and ends it; a server that hangs, which a build can make of it, is left to its container's end. */
export const stopScript = `timeout 20 /usr/bin/sccache --show-stats --stats-format=json 2>/dev/null | head -c 64K
timeout 20 /usr/bin/sccache --stop-server >/dev/null 2>&1 || :`;

const count = z.int().nonnegative().max(1e9);
const byLanguage = z.looseObject({ counts: z.record(z.string(), count) });

/** As much of what the server prints as counts here. */
const Statistics = z.looseObject({
  stats: z.looseObject({
    requests_unsupported_compiler: count,
    requests_not_compile: count,
    requests_not_cacheable: count,
    non_cacheable_compilations: count,
    compile_fails: count,
    cache_hits: byLanguage,
    cache_misses: byLanguage,
  }),
});

/** Reads sccache's statistics, which the build can make say anything; null where they are none, or count nothing. */
export function countedBySccache(json: string): Counts | null {
  const found = Statistics.safeParse(parsed(json));
  if (!found.success) return null;
  const { stats } = found.data;
  const hits = sum(Object.values(stats.cache_hits.counts));
  const misses = sum(Object.values(stats.cache_misses.counts));
  const uncacheable = sum([
    stats.requests_unsupported_compiler,
    stats.requests_not_compile,
    stats.requests_not_cacheable,
    stats.non_cacheable_compilations,
    stats.compile_fails,
  ]);
  return hits + misses + uncacheable === 0 ? null : { hits, misses, uncacheable };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
