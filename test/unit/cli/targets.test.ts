import { describe, expect, test } from "vitest";
import { listTargets } from "../../../src/cli/target-list.ts";

describe("listTargets", () => {
  const facts = {
    definitions: { mine: { suite: "trixie-backports" } },
    default: { name: undefined, suite: "trixie", architecture: "amd64" },
    executions: new Map([
      ["s390x", "emulated"],
      ["i386", "native"],
      ["amd64", "native"],
      ["arm64", "impossible"],
    ] as const),
    bases: ["debian-trixie-amd64"],
  };

  test("lists the user's targets first, then native ones, then emulated ones, and no others", () => {
    const names = listTargets(facts).map(({ name }) => name);

    expect(names.slice(0, 2)).toEqual(["mine", "debian-bullseye-amd64"]);
    const architectures = [...new Set(names.slice(1).map((name) => name.split("-").at(-1)))];
    expect(architectures).toEqual(["amd64", "i386", "s390x"]);
  });

  test("marks the default one, and those whose base is there", () => {
    const targets = listTargets(facts);

    expect(targets.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual([
      "debian-trixie-amd64",
    ]);
    expect(targets.filter(({ hasBase }) => hasBase).map(({ name }) => name)).toEqual([
      "mine",
      "debian-trixie-amd64",
    ]);
  });

  test("marks the target that the settings name", () => {
    const targets = listTargets({ ...facts, default: { ...facts.default, name: "mine" } });

    expect(targets.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(["mine"]);
  });

  test("does not claim to know of bases when no engine answers", () => {
    expect(listTargets({ ...facts, bases: null }).every(({ hasBase }) => hasBase === null)).toBe(true);
  });
});
