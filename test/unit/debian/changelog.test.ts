import { describe, expect, test } from "vitest";
import { parseChangelogHead } from "../../../src/debian/changelog.ts";
import { disagreements, perl } from "./oracle.ts";

const entry = (header: string, trailer: string) => `${header}\n\n  * Change.\n\n    More.\n\n${trailer}\n`;
const header = "sl (5.02-1) unstable; urgency=medium";
const trailer = " -- A B <a@b.example>  Sat, 21 Nov 2026 10:00:00 +0100";

describe("parseChangelogHead", () => {
  test("knows what the first entry says, and that one only", () => {
    const text = `\n${entry(header, trailer)}\n${entry("sl (5.01) stable; urgency=low", trailer)}`;

    expect(parseChangelogHead(text)).toEqual({
      source: "sl",
      version: "5.02-1",
      distributions: ["unstable"],
      urgency: "medium",
      maintainer: "A B <a@b.example>",
      date: new Date("2026-11-21T09:00:00Z"),
    });
  });

  test("agrees with Dpkg::Changelog", () => {
    const texts = [
      entry(header, trailer),
      entry("g++ (1:2.0~rc1-1+b2) trixie-security; urgency=HIGH, binary-only=yes", trailer),
      entry("a1 (0) bookworm trixie; urgency=low (fixes much)", " -- Ü <>  1 Jan 2026 01:02:03 -0330"),
    ];
    const ask = `my $c = Dpkg::Changelog::Debian->new(); open my $fh, '<:utf8', \\ Encode::encode_utf8($_) or die;
      $c->parse($fh, 'text'); my $e = $c->[0];
      { source => $e->get_source(), version => '' . $e->get_version(), distributions => [$e->get_distributions()],
        urgency => $e->get_urgency(), maintainer => $e->get_maintainer(),
        date => $e->get_timepiece()->epoch }`;
    const oracle = perl(["Dpkg::Changelog::Debian", "Encode"], ask, texts);

    const actual = texts.map((text) => {
      const head = parseChangelogHead(text);
      return { ...head, date: head.date.getTime() / 1000 };
    });

    expect(disagreements(texts, actual, oracle)).toEqual([]);
  });

  test.each([
    ["", "line 1 is not `source"],
    ["sl 5.02 unstable; urgency=low\n", "line 1 is not `source"],
    ["Sl (1) unstable; urgency=low\n", "line 1 is not `source"],
    ["sl (1); urgency=low\n", "line 1 is not `source"],
    [entry("sl (1) unstable; urgency", trailer), "where key=value is due"],
    [`${header}\n\n  * Change.\n`, "which ends an entry"],
    [`${header}\n\n  * Change.\n\n${header}\n\n  * X.\n\n${trailer}\n`, "line 5 is not ` --"],
    [entry(header, " -- A B <a@b.example> Sat, 21 Nov 2026 10:00:00 +0100"), "which ends an entry"],
    [entry(header, " -- A B <a@b.example>  21.11.2026"), "which is no date"],
    [entry(header, " -- A B <a@b.example>  Sat, 99 Nov 2026 10:00:00 +0100"), "which is no date"],
  ])("refuses %j", (text, why) => {
    expect(() => parseChangelogHead(text)).toThrow(
      expect.objectContaining({
        code: "bad-changelog",
        fault: "package",
        message: expect.stringContaining(why),
      }),
    );
  });

  test("refuses a version that is none", () => {
    expect(() => parseChangelogHead(entry("sl (1.0/..) unstable; urgency=low", trailer))).toThrow(
      expect.objectContaining({ code: "bad-version" }),
    );
  });
});
