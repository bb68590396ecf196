import { describe, expect, test } from "vitest";
import {
  installWords,
  readAptWords,
  removeWords,
  requestedNames,
  upgradeWords,
} from "../../../../src/environment/named/apt-words.ts";

describe("words for apt", () => {
  test.each([
    [["install", "--no-install-recommends", "vim", "nano-"], { kind: "change", purge: false }],
    [["-y", "remove", "vim"], { kind: "change", purge: false }],
    [["purge", "vim"], { kind: "change", purge: true }],
    [["autoremove", "--purge"], { kind: "change", purge: true }],
    [["policy", "vim"], { kind: "query", argv: ["apt-cache", "policy", "vim"] }],
    [["list", "--installed"], { kind: "query", argv: ["apt", "list", "--installed"] }],
    [["update"], { kind: "update" }],
  ])("%j are understood", (words, meant) => {
    expect(readAptWords(words)).toMatchObject(meant);
  });

  test.each([
    [["instal", "vim"], /Did you mean install/],
    [["download", "vim"], /These have/],
    [[], /These have/],
    [["constructor"], /These have/],
  ])("%j are refused", (words, hint) => {
    expect(() => readAptWords(words)).toThrow(
      expect.objectContaining({ code: "bad-apt-command", hint: expect.stringMatching(hint) }),
    );
  });

  test("are made of packages' names, and nothing that apt takes for an option", () => {
    expect(installWords(["hello=2.10-5", "jq/sid", "libc6:i386"]).words).toEqual([
      "install",
      "hello=2.10-5",
      "jq/sid",
      "libc6:i386",
    ]);
    expect(removeWords(["vim"], { purge: true, autoremove: true })).toEqual({
      kind: "change",
      words: ["remove", "--autoremove", "vim"],
      purge: true,
    });
    expect(upgradeWords([]).words).toEqual(["dist-upgrade"]);
    for (const word of ["-oDir::Bin=/x", "a b", "./x.deb", "Vim", "vim;id", ""])
      expect(() => installWords([word])).toThrow(expect.objectContaining({ code: "bad-package-name" }));
  });

  test("tell what was asked for outright", () => {
    expect([...requestedNames(["install", "-y", "hello=2.10-5", "jq/sid", "libc6:i386"])]).toEqual([
      "install",
      "hello",
      "jq",
      "libc6",
    ]);
  });
});
