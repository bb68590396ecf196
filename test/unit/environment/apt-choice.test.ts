import { describe, expect, test } from "vitest";
import { aptChoiceOf, isPinning, optionWords } from "../../../src/environment/apt-choice.ts";

const pin = "Package: figlet\nPin: release n=trixie\nPin-Priority: 990\n";

describe("how apt chooses", () => {
  test("is apt's own affair unless something is said", async () => {
    expect(await aptChoiceOf({})).toBeUndefined();
    expect(await aptChoiceOf({ apt_options: [], preferences: ["# nothing\n"] })).toBeUndefined();
    expect(optionWords(undefined)).toEqual([]);
    expect(isPinning(undefined)).toBe(false);
  });

  test("has the options and the text of all pins", async () => {
    const choice = await aptChoiceOf({
      apt_options: ["APT::Install-Recommends=true", "APT::Solver::Strict-Pinning=false"],
      preferences: [`# a\n${pin}`, pin],
    });

    expect(choice).toEqual({
      options: ["APT::Install-Recommends=true", "APT::Solver::Strict-Pinning=false"],
      preferences: `${pin}\n${pin}`,
    });
    expect(optionWords(choice)).toEqual([
      "-o",
      "APT::Install-Recommends=true",
      "-o",
      "APT::Solver::Strict-Pinning=false",
    ]);
    expect(isPinning(choice)).toBe(true);
  });

  test.each([
    ["APT::Get::AllowUnauthenticated=true", "must be signed"],
    ["acquire::allowinsecurerepositories=1", "must be signed"],
    ["Acquire::http::Proxy=http://mirror.example", "--proxy"],
    ["Acquire::https::Verify-Peer=false", "always checked"],
    ["Acquire::Check-Valid-Until=false", "check_valid_until"],
    ["Acquire::Retries=9", "downloads packages itself"],
    ["Dpkg::Options::=--force-all", "equal environments are equal"],
    ["Dir::Etc::sourcelist=/x", "equal environments are equal"],
    ["APT::Update::Pre-Invoke::=id", "Options that steer"],
    ["APT::Install-Recommends", "NAME=VALUE"],
    ["-oAPT::Solver=3.0", "NAME=VALUE"],
    ["APT::Solver=3.0\nx", "NAME=VALUE"],
  ])("is not the option %j", async (option, hint) => {
    await expect(aptChoiceOf({ apt_options: [option] })).rejects.toMatchObject({
      fault: "usage",
      code: "bad-apt-option",
      hint: expect.stringContaining(hint),
    });
  });

  test("is not in a file that cannot be read", async () => {
    await expect(aptChoiceOf({ preferences: ["/nonexistent/pins"] })).rejects.toMatchObject({
      code: "bad-preferences",
    });
  });
});
