import { expect, test } from "vitest";
import { countedBySccache } from "../../../src/build/sccache.ts";

/** As sccache 0.10 prints it, as far as it is read. */
const printed = {
  stats: {
    compile_requests: 13,
    requests_unsupported_compiler: 1,
    requests_not_compile: 2,
    requests_not_cacheable: 7,
    requests_executed: 4,
    cache_hits: { counts: { "C/C++": 1, Rust: 4 }, adv_counts: { "c [gcc]": 1 } },
    cache_misses: { counts: { "C/C++": 2 }, adv_counts: { "c [gcc]": 2 } },
    non_cacheable_compilations: 0,
    compile_fails: 1,
  },
  cache_location: "Local disk",
  version: "0.10.0",
};

test("sccache's counts of all languages become hits, misses and the rest", () => {
  expect(countedBySccache(JSON.stringify(printed))).toEqual({ hits: 5, misses: 2, uncacheable: 11 });
});

test.each([
  ["nothing", ""],
  ["no JSON", "sccache: error: no server"],
  ["other JSON", "[]"],
  ["what was cut off", JSON.stringify(printed).slice(0, 200)],
  [
    "a count below zero",
    JSON.stringify({ stats: { ...printed.stats, cache_hits: { counts: { "C/C++": -1 } } } }),
  ],
  ["a count that is no number", JSON.stringify({ stats: { ...printed.stats, compile_fails: "1" } })],
  [
    "a server that nobody asked",
    JSON.stringify({
      stats: {
        ...printed.stats,
        requests_unsupported_compiler: 0,
        requests_not_compile: 0,
        requests_not_cacheable: 0,
        cache_hits: { counts: {} },
        cache_misses: { counts: {} },
        compile_fails: 0,
      },
    }),
  ],
])("of %s nothing is known", (_, json) => {
  expect(countedBySccache(json)).toBeNull();
});
