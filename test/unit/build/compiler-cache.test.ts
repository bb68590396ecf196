import { expect, test } from "vitest";
import { countedIn } from "../../../src/build/ccache.ts";
import { cacheVariables } from "../../../src/build/cache-variables.ts";
import { cacheUseText, cachedTreeName, isProgramIn } from "../../../src/build/compiler-cache.ts";

const cache = {
  program: "ccache",
  project: "jq",
  trust: "trusted-local",
  maxBytes: 4 * 1024 ** 3,
  readOnly: false,
} as const;

test("compilers are found through ccache first, whatever else the path has", () => {
  const { PATH } = cacheVariables(cache, "/usr/bin:/bin");

  expect(PATH).toBe("/usr/lib/ccache:/usr/bin:/bin");
});

test("the bound is written with its unit, without which ccache takes gigabytes", () => {
  expect(cacheVariables(cache, "")["CCACHE_MAXSIZE"]).toBe("4295M");
  expect(cacheVariables({ ...cache, maxBytes: 1 }, "")["CCACHE_MAXSIZE"]).toBe("1M");
});

test("only a cache that is read only is told so", () => {
  expect(cacheVariables(cache, "")).not.toHaveProperty("CCACHE_READONLY");
  expect(cacheVariables({ ...cache, readOnly: true }, "")["CCACHE_READONLY"]).toBe("1");
});

test("ccache's own counts become hits, misses and the rest", () => {
  const counts = `      1 cache_miss
      5 called_for_link
      6 direct_cache_hit
      1 direct_cache_miss
      7 local_storage_hit
      1 preprocessed_cache_hit
`;

  expect(countedIn(counts)).toEqual({ hits: 7, misses: 1, uncacheable: 5 });
});

test.each([
  ["nothing", ""],
  ["words that ccache does not know", "  3 cache_poisoned\n"],
  ["a number that is none", "  99999999999999 cache_miss\n"],
  ["something else before a count", "x  3 cache_miss\n"],
])("of %s nothing is known", (_, counts) => {
  expect(countedIn(counts)).toBeNull();
});

test("people read the rate", () => {
  const use = {
    program: "ccache",
    project: "jq",
    trust: "trusted-local",
    hits: 3,
    misses: 1,
    uncacheable: 2,
  } as const;

  expect(cacheUseText(use)).toBe(
    "ccache of jq (trusted-local): 3 of 4 compilations were there (75 %), 2 calls were not for it",
  );
});

test("sccache is told of its directory, bound and socket, and rustc is found through it", () => {
  const variables = cacheVariables({ ...cache, program: "sccache" }, "/usr/bin:/bin");

  expect(variables).toMatchObject({
    PATH: "/build/ccache/bin:/usr/bin:/bin",
    RUSTC_WRAPPER: "/usr/bin/sccache",
    SCCACHE_CACHE_SIZE: "4096M",
  });
  expect(variables["SCCACHE_DIR"]).toBe(cacheVariables(cache, "")["CCACHE_DIR"]);
  expect(variables).not.toHaveProperty("SCCACHE_LOCAL_RW_MODE");
  expect(variables["SCCACHE_SERVER_UDS"]).toMatch(/^\/build\/ccache\//);
});

test("what sccache may only read is a copy, for it marks what it takes", () => {
  const variables = cacheVariables({ ...cache, program: "sccache", readOnly: true }, "");

  expect(variables["SCCACHE_LOCAL_RW_MODE"]).toBe("READ_ONLY");
  expect(variables["SCCACHE_DIR"]).toMatch(/^\/build\//);
});

test("only where sccache is used have the trees of all versions one name", () => {
  const names = (["sccache", "ccache", undefined] as const).map((program) =>
    cachedTreeName(program, "jq", "jq-1.7"),
  );

  expect(names).toEqual(["jq", "jq-1.7", "jq-1.7"]);
});

test("sccache is not asked of releases whose own is too old", () => {
  expect([isProgramIn("bookworm", "sccache"), isProgramIn("bookworm", "ccache")]).toEqual([false, true]);
  expect([isProgramIn("trixie", "sccache"), isProgramIn("sid", "sccache")]).toEqual([true, true]);
});
