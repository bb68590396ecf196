import { describe, expect, test } from "vitest";
import { parseGbpConf } from "../../../src/build/source/gbp-conf.ts";
import { waysOf } from "../../../src/build/source/originals.ts";
import { tarballsOf } from "../../../src/build/source/pristine-tar.ts";
import { upstreamTags } from "../../../src/build/source/upstream-tags.ts";
import { withoutActions } from "../../../src/build/source/watch-file.ts";

describe("parseGbpConf", () => {
  test("reads its own section and the common one, lists as Python writes them, and lets later files count more", () => {
    const first = `# of all\n[DEFAULT]\nUpstream-Tag : v%(version)s\ncomponent = one\ncompression=bzip2\n`;
    const second = `[buildpackage]\ncomponents = ['two',\n  "three", '../four']\nupstream-tree= BRANCH\n[import-orig]\nupstream-branch = no\n`;

    expect(parseGbpConf([first, second])).toEqual({
      upstreamTag: "v%(version)s",
      upstreamTree: "BRANCH",
      upstreamBranch: "upstream",
      components: ["two", "three"],
      compression: "bz2",
      compressionLevel: "",
    });
  });

  test.each([
    "",
    "[DEFAULT",
    "= x",
    "\u0000",
    "[DEFAULT]\n=\ncompression = ../x\ncompression-level = 9; id\n",
  ])("makes nothing of %j", (text) => {
    expect(parseGbpConf([text])).toEqual(parseGbpConf([]));
  });
});

// What gbp 0.9.30 says of its own examples (gbp/deb/git.py, version_to_tag).
test.each([
  ["debian/%(version)s", "0:0~0", "debian/0%0_0"],
  ["libfoo-%(hversion)s", "1.8.1", "libfoo-1-8-1"],
  ["v%(version%.%_)s", "1.2.3", "v1_2_3"],
  ["%(version%-%\\%)s", "0-1.2.3", "0%1.2.3"],
  ["%(version)s", "0....0", "0.#.#.#.0"],
  ["%(version)s", "0.lock", "0.#lock"],
])("the tag %s of %s is %s", (form, version, tag) => {
  expect(upstreamTags(version, form)[0]).toBe(tag);
});

describe("tarballsOf", () => {
  const subject = {
    name: "sl",
    version: "1.0-1",
    upstream: "1.0",
    stem: "sl_1.0.orig",
    tree: "/sl",
    conf: parseGbpConf([]),
  };

  test("takes one of each component, in the compression that is wanted", () => {
    const names = [
      "sl_1.0.orig.tar.gz.delta",
      "sl_1.0.orig.tar.gz.id",
      "sl_1.0.orig.tar.xz.delta",
      "sl_1.0.orig-theme.tar.gz.delta",
      "sl_1.0.1.orig.tar.gz.delta",
      "sl_1.0.orig-../x.tar.gz.delta",
    ];
    const wanted = { ...subject, conf: parseGbpConf(["[DEFAULT]\ncompression = gzip\n"]) };

    expect(tarballsOf(names, subject)).toEqual(["sl_1.0.orig-theme.tar.gz", "sl_1.0.orig.tar.xz"]);
    expect(tarballsOf(names, wanted)).toEqual(["sl_1.0.orig-theme.tar.gz", "sl_1.0.orig.tar.gz"]);
    expect(tarballsOf(["sl_1.0.orig-theme.tar.gz.delta"], subject)).toEqual([]);
  });
});

test("original tarballs are looked for where that suits the source, or where the user says", () => {
  const repository = { commit: "", listing: "", open: () => Promise.reject(new Error("not opened")) };

  expect(waysOf({ choice: "auto", repository, debianOnly: false })).toEqual(["pristine-tar", "tag"]);
  expect(waysOf({ choice: "auto", repository, debianOnly: true })).toEqual([
    "pristine-tar",
    "tag",
    "archive",
    "uscan",
  ]);
  expect(waysOf({ choice: "auto", repository: null, debianOnly: true })).toEqual(["archive", "uscan"]);
  expect(waysOf({ choice: "auto", repository: null, debianOnly: false })).toEqual([]);
  expect(waysOf({ choice: "uscan", repository: null, debianOnly: false })).toEqual(["uscan"]);
  expect(waysOf({ choice: "beside", repository, debianOnly: true })).toEqual([]);
});

describe("withoutActions", () => {
  test.each([
    ["https://x/ sl-(.+)\\.tgz debian uupdate", "https://x/ sl-(.+)\\.tgz debian"],
    ["https://x/ sl-(.+)\\.tgz debian sh -c 'id'", "https://x/ sl-(.+)\\.tgz debian"],
    ["https://x/sl-(.+)\\.tgz debian sh -c id", "https://x/sl-(.+)\\.tgz debian"],
    ["https://x/(\\d+)/ sl-(.+)\\.tgz debian id", "https://x/(\\d+)/ sl-(.+)\\.tgz debian"],
    ['opts="a=s/ x/y/, b" https://x/ p(.+) debian id', 'opts="a=s/ x/y/, b" https://x/ p(.+) debian'],
    ["opts=pgpmode=auto https://x/ p(.+) debian id", "opts=pgpmode=auto https://x/ p(.+) debian"],
    ["options=a https://x/ \\\n  p(.+) \\\n debian id", "options=a https://x/ p(.+) debian"],
    ["# id \\\nhttps://x/ p(.+)", "https://x/ p(.+)"],
    ["https://x/p\\\n  (.+)\\\n.tgz debian id", "https://x/p(.+).tgz debian"],
    ['opts="a"b" https://x/ p(.+) debian id', 'opts="a"b" https://x/ p(.+) debian'],
  ])("of %j is %j", (line, rest) => {
    expect(withoutActions(`version=4\n${line}\n`)).toBe(`version=4\n${rest}\n`);
  });

  test("leaves out the fields of version 5 that name some", () => {
    const watch = "Version: 5\n\nSource: https://x\nScript: id\n more\nMatching-Pattern: p(.+)\n";

    expect(withoutActions(watch)).toBe("Version: 5\n\nSource: https://x\nMatching-Pattern: p(.+)\n\n");
  });
});
