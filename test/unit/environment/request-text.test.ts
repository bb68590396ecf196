import { describe, expect, test } from "vitest";
import { packageText, requestText } from "../../../src/environment/request-text.ts";

describe("a request", () => {
  test("is a source package of nothing but relations", () => {
    const text = requestText({ depends: "a, b:native | c", conflicts: "d" });

    expect(text).toContain("\nBuild-Depends: a, b:native | c\n");
    expect(text).toContain("\nBuild-Conflicts: d\n");
    expect(requestText({ depends: "", conflicts: "" })).not.toContain("Build-");
  });

  test("is a package that needs the same, and what every build has, for solvers that take no source", () => {
    const text = packageText({ depends: "a, b:native | c:any (>= 1)", conflicts: "d:native" });

    expect(text).toMatch(/^Package: debkiln-request\n/);
    expect(text).toContain("\nDepends: build-essential, a, b | c:any (>= 1)\n");
    expect(text).toContain("\nConflicts: d\n");
    expect(packageText({ depends: "", conflicts: "" })).not.toContain("Conflicts");
  });
});
