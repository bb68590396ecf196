import { describe, expect, test } from "vitest";
import { parseRelease } from "../../../src/debian/release.ts";

const hex = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";
const text = `Origin: Debian
Suite: stable
Codename: trixie
Date: Sat, 21 Nov 2026 08:01:02 UTC
Valid-Until: Sat, 28 Nov 2026 08:01:02 UTC
Acquire-By-Hash: yes
Architectures: all amd64 arm64
Components: main contrib
SHA256:
 ${hex}                3 main/binary-amd64/Packages.xz
 ${hex}             1234 main/dep11/icons-64x64@2.tar.gz
`;

describe("parseRelease", () => {
  test("knows the suite, its dates and the digests of its indices", () => {
    const release = parseRelease(text, "InRelease");

    expect(release).toMatchObject({
      origin: "Debian",
      suite: "stable",
      codename: "trixie",
      date: new Date("2026-11-21T08:01:02Z"),
      validUntil: new Date("2026-11-28T08:01:02Z"),
      architectures: ["all", "amd64", "arm64"],
      components: ["main", "contrib"],
      acquireByHash: true,
    });
    expect(release.sha256.get("main/binary-amd64/Packages.xz")).toEqual({ size: 3, digest: `sha256:${hex}` });
    expect(release.sha256.size).toBe(2);
  });

  test("does without what a plain repository leaves out", () => {
    const release = parseRelease("Date: Sat, 21 Nov 2026 8:01:02 +0000\nSHA256:\n", "Release");

    expect(release).toMatchObject({ suite: null, validUntil: null, acquireByHash: false, components: [] });
  });

  test.each([
    [text.replace("08:01:02 UTC", "08:01:02 CET"), "where a date is due"],
    [text.replace("21 Nov", "91 Nov"), "where a date is due"],
    [text.replace("main/binary-amd64", "../../etc"), "an entry of another form"],
    [text.replace("main/binary-amd64", "/etc"), "an entry of another form"],
    [text.replace(hex, hex.slice(1)), "an entry of another form"],
    [text.replace(" 3 main", " three main"), "an entry of another form"],
    [text.replace("Date: ", "X-Date: "), "the field Date is missing"],
    [text.replace("SHA256:", "SHA1:"), "the field SHA256 is missing"],
  ])("refuses bad ones", (text, why) => {
    expect(() => parseRelease(text, "InRelease")).toThrow(why);
  });
});
