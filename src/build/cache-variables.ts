import { ccacheVariables } from "./ccache.ts";
import type { CompilerCache } from "./compiler-cache.ts";
import { sccacheVariables } from "./sccache.ts";

/** The variables of a build with a cache; `path` is its PATH. */
export function cacheVariables(cache: CompilerCache, path: string): Readonly<Record<string, string>> {
  return cache.program === "ccache" ? ccacheVariables(cache, path) : sccacheVariables(cache, path);
}
