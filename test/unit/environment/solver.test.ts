import { describe, expect, test } from "vitest";
import { requireSolver, waysToSolve } from "../../../src/environment/solver.ts";

/** What apt's options set, by name: one map for each way. */
function settings(ways: readonly (readonly string[])[]): Record<string, string>[] {
  return ways.map((way) =>
    Object.fromEntries(way.filter((word) => word.includes("=")).map((word) => word.split(/=(.*)/s, 2))),
  );
}

describe("aspcud", () => {
  test("is asked among apt's candidates alone where no suite is for need only", () => {
    expect(settings(waysToSolve(null, "aspcud")).map((each) => each["APT::Solver::Strict-Pinning"])).toEqual([
      undefined,
    ]);
  });

  test("is asked among apt's candidates first, then among all versions", () => {
    const found = settings(waysToSolve("experimental", "aspcud"));

    expect(found.map((each) => each["APT::Solver"])).toEqual(["aspcud", "aspcud"]);
    expect(found.map((each) => each["APT::Solver::Strict-Pinning"])).toEqual([undefined, "false"]);
    expect(found[0]?.["APT::Solver::aspcud::Preferences"]).toBe("-removed,-changed,-new");
  });

  test("takes as little as it can of a suite that packages are only taken from at need", () => {
    const [, beyond] = settings(waysToSolve("trixie-backports", "aspcud"));

    expect(beyond?.["APT::Solver::aspcud::Preferences"]).toContain(
      "-count(solution,APT-Release:=/trixie-backports/)",
    );
  });

  test("prefers what its user says, in every way", () => {
    const found = settings(waysToSolve("experimental", "aspcud", "-new,-changed"));

    expect(found.map((each) => each["APT::Solver::aspcud::Preferences"])).toEqual([
      "-new,-changed",
      "-new,-changed",
    ]);
  });
});

test("apt's own solvers get no criteria", () => {
  expect(settings(waysToSolve(null, "internal"))).toEqual([{ "APT::Solver": "internal" }]);
  expect(waysToSolve(null, undefined)).toEqual([[]]);
});

test("criteria that aspcud cannot read are told from dependencies that cannot be met", () => {
  const words = 'ParseError(0, "EDSP Preferences", "Field EDSP Preferences has a wrong value")';

  expect(() => requireSolver("aspcud", words)).toThrow(expect.objectContaining({ fault: "usage" }));
  expect(() => requireSolver("aspcud", "(UNSAT) No Solutions")).not.toThrow();
});
