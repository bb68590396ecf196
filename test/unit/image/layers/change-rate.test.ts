import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { changeRatesOf, neutralRate } from "../../../../src/image/layers/change-rate.ts";
import { componentsOf } from "../../../../src/image/layers/components.ts";
import type { TreeEntry } from "../../../../src/image/tree/tree.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";
import { file, symlink } from "../tree/arbitrary-tree.ts";
import { dpkgTree } from "./dpkg-tree.ts";

function entry(date: string): string {
  return `curl (8.14) trixie; urgency=medium\n\n  * Change.\n\n -- A Name <a@debian.example>  ${date}\n\n`;
}

async function rateOf(entries: readonly TreeEntry[]): Promise<number | undefined> {
  const tree = dpkgTree(
    [{ name: "curl", source: "curl", list: ["/usr/bin/curl"] }],
    [file("usr/bin/curl", ""), ...entries],
  );
  return (await changeRatesOf(await componentsOf(tree), new TreeView(tree))).get("curl");
}

const changelog = [
  entry("Fri, 20 Jun 2025 10:00:00 +0200"),
  entry("Fri, 20 Jun 2025 08:00:00 +0200"),
  entry("Mon, 02 Dec 2024 08:00:00 +0000"),
  entry("Sat, 22 Jun 2024 00:00:01 +0000"),
  entry("Wed, 19 Jun 2024 08:00:00 +0000"),
  entry("no date at all"),
].join("");

test.each<[string, TreeEntry[], number]>([
  [
    "days of uploads in the year before the newest",
    [file("usr/share/doc/curl/changelog.Debian.gz", gzipSync(changelog))],
    3 / 365,
  ],
  ["a native package's", [file("usr/share/doc/curl/changelog.gz", gzipSync(changelog))], 3 / 365],
  [
    "one that is linked to another package's",
    [symlink("usr/share/doc/curl", "libcurl"), file("usr/share/doc/libcurl/changelog.Debian", changelog)],
    3 / 365,
  ],
  ["no changelog", [], neutralRate],
  ["a changelog of nothing", [file("usr/share/doc/curl/changelog.Debian.gz", gzipSync("x"))], neutralRate],
  ["what is no gzip", [file("usr/share/doc/curl/changelog.Debian.gz", "x")], neutralRate],
  [
    "a gzip bomb",
    [file("usr/share/doc/curl/changelog.Debian.gz", gzipSync(Buffer.alloc(20 << 20)))],
    neutralRate,
  ],
])("a component's rate is told by %s", async (_, entries, rate) => {
  expect(await rateOf(entries)).toBe(rate);
});
