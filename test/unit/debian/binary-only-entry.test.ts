import { describe, expect, test } from "vitest";
import { parseBinaryOnlyEntry } from "../../../src/debian/binary-only-entry.ts";
import { perl } from "./oracle.ts";

const head = "sl (5.02-1+b1) sid; urgency=low, binary-only=yes";
const trailer = " -- amd64 Build Daemon <buildd@mirror.example>  Sat, 21 Nov 2026 10:00:00 +0100";
const entry = (first = head, changes = "  * Rebuild.\n\n  * Again.", last = trailer) =>
  `${first}\n\n${changes}\n\n${last}`;

describe("parseBinaryOnlyEntry", () => {
  test("reads an entry as it stands in a field, without what is around it", () => {
    const read = parseBinaryOnlyEntry(`\n${entry()}\n\n`, "sl.buildinfo");

    expect(read).toEqual({ source: "sl", version: "5.02-1+b1", text: entry() });
  });

  test.each([
    entry(),
    entry("sl (1:5.02-1~x+b12) unstable; binary-only=yes, urgency=low"),
    entry(head, "  [ Ü ]\n  * a\tb\n\n    .\n  -- c <d@e>  f"),
  ])("takes for one entry what dpkg takes for one: %j", (text) => {
    const ask = `my $c = Dpkg::Changelog::Debian->new(); open my $fh, '<:utf8', \\ Encode::encode_utf8($_) or die;
      my $n = $c->parse($fh, 'text'); die if $c->get_parse_errors();
      [$n, $c->[0]->get_source(), '' . $c->[0]->get_version(), $c->[0]->get_optional_fields()->{'Binary-Only'}]`;

    const { source, version } = parseBinaryOnlyEntry(text, "sl.buildinfo");

    expect(perl(["Dpkg::Changelog::Debian", "Encode"], ask, [text])).toEqual([[1, source, version, "yes"]]);
  });

  test.each([
    ["", "is not `source (version)"],
    [entry("sl (5.02-1+b1) sid; urgency=low"), "does not say binary-only=yes"],
    [entry("sl (5.02-1+b1) sid; urgency=low, binary-only=yesterday"), "does not say binary-only=yes"],
    [entry("sl (5.02-1+b1) sid; urgency=low, x-binary-only=yes"), "does not say binary-only=yes"],
    [entry("-- (5.02-1+b1) sid; binary-only=yes"), "is not `source (version)"],
    [`${head}\n\n  * Rebuild.`, "which ends an entry"],
    [entry(head, "  * Rebuild.", "  -- A <a@b>  Sat, 21 Nov 2026 10:00:00 +0100"), "which ends an entry"],
    [entry(head, "  * Rebuild.", trailer.replace(/ {2}.*/, "  soon")), "which is no date"],
    [`${head}\n\n${trailer}`, "has no changes"],
    [`${entry()}\n\n${entry()}`, "does not end with its trailer"],
    [`${entry()}\n\n  * More.\n\n${trailer}`, "does not end with its trailer"],
    [`${entry()}\n\n  * More.`, "does not end with its trailer"],
    [entry(head, "  * \u001b]0;x\u0007"), "control characters"],
    [entry(head, "  * a\rb"), "control characters"],
    [entry(head, `  * ${"x".repeat(20_000)}`), "is longer than"],
  ])("refuses %j", (text, why) => {
    expect(() => parseBinaryOnlyEntry(text, "sl.buildinfo")).toThrow(
      expect.objectContaining({
        code: "bad-changelog",
        fault: "package",
        message: expect.stringMatching(/^sl\.buildinfo/),
      }),
    );
    expect(() => parseBinaryOnlyEntry(text, "sl.buildinfo")).toThrow(why);
  });

  test("refuses a version that leads elsewhere", () => {
    expect(() => parseBinaryOnlyEntry(entry(head.replace("5.02", "5/../../x")), "sl.buildinfo")).toThrow(
      expect.objectContaining({ code: "bad-version" }),
    );
  });
});
