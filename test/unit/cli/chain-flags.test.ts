import { describe, expect, test } from "vitest";
import { Parser } from "@oclif/core";
import { BuildCommand } from "../../../src/cli/commands/build.ts";
import { ChainCommand } from "../../../src/cli/commands/chain.ts";
import { RdepsCommand } from "../../../src/cli/commands/rdeps.ts";

/** Flags of `build` that say nothing where many sources are built, several at once. */
const ofOne: Readonly<Record<string, string>> = {
  env: "chains begin with bases, which nobody works in by hand: their results are known by their keys",
  locked: "a lock is of one source",
  offline: "goes with --locked",
  sign: "whoever uploads signs; the repository is signed in any case",
  "sign-key": "goes with --sign",
  "sign-with": "goes with --sign",
  flat: "the repository has all packages in one place",
  "source-only": "what depends on a source needs its packages",
  "shell-on-fail": "there is one terminal, and several builds run at once",
};

describe.each([
  ["chain", ChainCommand, []],
  ["rdeps", RdepsCommand, ["git-ref", "dirty", "orig", "dsc-signature", "dsc-keyring"]],
])("the flags of %s", (_, command, without) => {
  const flags: Readonly<Record<string, object>> = { ...command.flags };

  test("are those of build, but for what is about one source", () => {
    const missing = Object.keys(BuildCommand.flags).filter((name) => !(name in flags));

    expect(missing.toSorted()).toEqual([...Object.keys(ofOne), ...without].toSorted());
  });

  test("are the very same, but for -j", () => {
    const others = Object.entries(BuildCommand.flags)
      .filter(([name, flag]) => name in flags && flags[name] !== flag)
      .map(([name]) => name);

    expect(others).toEqual(["jobs"]);
  });
});

async function parse(line: string) {
  const { flags, args, baseFlags, strict } = ChainCommand;
  return await Parser.parse(line.split(" "), { flags: { ...baseFlags, ...flags }, args, strict });
}

describe("a chain", () => {
  test("is told of builds and of jobs in each by two flags", async () => {
    const { flags } = await parse("-j 4 --jobs 2 --host arm64 --setenv A=b --extra-package x.deb one two");

    expect(flags).toMatchObject({
      builds: 4,
      jobs: 2,
      host: "arm64",
      setenv: ["A=b"],
      "extra-package": ["x.deb"],
    });
  });

  test("has what build excludes excluded, too", async () => {
    await expect(parse("--make-binnmu x --source one")).rejects.toThrow(/make-binnmu/);
    await expect(parse("--binnmu 2 one")).rejects.toThrow(/make-binnmu/);
  });
});
