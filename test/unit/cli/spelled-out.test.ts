import { expect, test } from "vitest";
import { spelledOut } from "../../../src/cli/command-line.ts";

test("options of other programs, given as values, do not look like flags to the parser", () => {
  expect(spelledOut(["build", "--debbuildopt=-sa", "--dpkg-source-opt=-Zgzip"])).toEqual([
    "build",
    "--debbuildopt= -sa",
    "--dpkg-source-opt= -Zgzip",
  ]);
});

test("what comes after -- is left alone", () => {
  const words = ["build", "--", "--debbuildopt=-sa", "--sign=KEY"];

  expect(spelledOut(words)).toEqual(words);
});

test("that builds are to be unsigned, as those who call dpkg-buildpackage say, goes without saying", () => {
  expect(spelledOut(["build", "-us", "-uc", "-A", "."])).toEqual(["build", "-A", "."]);
  expect(spelledOut(["exec", "-us"])).toEqual(["exec", "-us"]);
});

test("--ccache takes a name or none", () => {
  expect(spelledOut(["build", "--ccache=tools", "--ccache", "--no-ccache"])).toEqual([
    "build",
    "--ccache",
    "--ccache-name=tools",
    "--ccache",
    "--no-ccache",
  ]);
});

test("--sign takes a key or none", () => {
  expect(spelledOut(["build", "--sign=KEY", "--sign"])).toEqual([
    "build",
    "--sign",
    "--sign-key=KEY",
    "--sign",
  ]);
});

test("what aspcud prefers is no flag, though it begins with a minus", () => {
  expect(spelledOut(["build", "--aspcud-criteria=-removed,-new"])).toEqual([
    "build",
    "--aspcud-criteria= -removed,-new",
  ]);
});
