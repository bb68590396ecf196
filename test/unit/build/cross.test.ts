import { describe, expect, test } from "vitest";
import { architecturesOf, crossWords, executionText } from "../../../src/build/cross.ts";
import { Target } from "../../../src/environment/target.ts";

describe("executionText", () => {
  test("tells native, cross and emulated builds apart", () => {
    expect(said({})).toBe("native build of amd64");
    expect(said({ host: "arm64" })).toBe("cross build: tools of amd64 make packages of arm64");
    expect(said({ target: "arm64" })).toBe(
      "emulated build: tools of arm64 make packages of arm64, emulated by qemu-user on amd64",
    );
    expect(said({ target: "arm64", host: "riscv64" })).toBe(
      "cross build: tools of arm64 make packages of riscv64, emulated by qemu-user on amd64",
    );
  });

  test("calls native what the processor runs by itself", () => {
    expect(said({ target: "i386" })).toBe("native build of i386");
  });
});

describe("crossWords", () => {
  test("tests nothing unless profiles are chosen", () => {
    expect(crossWords({ profiles: [], buildOptions: ["terse"] })).toEqual({
      profiles: ["cross", "nocheck"],
      buildOptions: ["terse", "nocheck"],
    });
  });

  test("keeps the chosen profiles, and adds the one that tells packages of the cross build", () => {
    expect(crossWords({ profiles: ["nodoc"], buildOptions: [] })).toEqual({
      profiles: ["nodoc", "cross"],
      buildOptions: [],
    });
  });
});

function said({ target = "amd64", host }: { target?: string; host?: string }): string {
  const words = { target: Target.parse({ suite: "trixie", architecture: target }), machine: "amd64" };
  return executionText(architecturesOf({ ...words, host }));
}
