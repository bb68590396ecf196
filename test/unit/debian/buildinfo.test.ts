import { describe, expect, test } from "vitest";
import { parseBuildinfo } from "../../../src/debian/buildinfo.ts";

/** In the form of deb-buildinfo(5), as dpkg-genbuildinfo writes it. */
const good = `Format: 1.0
Source: hello
Binary: hello
Architecture: amd64
Version: 2.10-5
Checksums-Sha256:
 ${"a".repeat(64)} 53084 hello_2.10-5_amd64.deb
Build-Origin: Debian
Build-Architecture: amd64
Build-Date: Sat, 01 Mar 2025 12:00:00 +0000
Build-Path: /build/reproducible-path/hello-2.10
Installed-Build-Depends:
 autoconf (= 2.72-3),
 libc6:i386 (= 2.41-12)
Environment:
 DEB_BUILD_OPTIONS="parallel=2"
 LANG="C.UTF-8"
`;

test("what is good in a .buildinfo is read", () => {
  expect(parseBuildinfo(good, "hello.buildinfo")).toMatchObject({
    source: "hello",
    version: "2.10-5",
    installed: [
      { name: "autoconf", version: "2.72-3", architecture: null },
      { name: "libc6", version: "2.41-12", architecture: "i386" },
    ],
    environment: { DEB_BUILD_OPTIONS: "parallel=2", LANG: "C.UTF-8" },
    files: [{ name: "hello_2.10-5_amd64.deb", size: 53084 }],
  });
});

describe("a .buildinfo is refused as the package's fault, with a hint,", () => {
  test.each<[what: string, text: string, code: string]>([
    ["that is empty", "", "bad-control-data"],
    ["that is something else", "\u007fELF\u0002\u0001\u0001\0\0", "bad-control-data"],
    ["that is JSON", '{"source": "hello"}\n', "field-missing"],
    ["cut off in a signature", `-----BEGIN PGP SIGNED MESSAGE-----\n\n${good}`, "bad-signature-armor"],
    ["with a line that is no field", good.replace("Version:", "Vers ion"), "bad-control-data"],
    ["with a field twice", `${good}Version: 2.10-6\n`, "bad-control-data"],
    ["with two stanzas", `${good}\n${good}`, "bad-control-data"],
    ["without a source", good.replace("Source: hello\n", ""), "field-missing"],
    ["without a version", good.replace("Version: 2.10-5\n", ""), "field-missing"],
    ["without architectures", good.replace("Architecture: amd64\nVersion", "Version"), "field-missing"],
    ["without what was installed", good.replace(/Installed-Build-Depends:\n( .*\n){2}/, ""), "field-missing"],
    ["without checksums", good.replace(/Checksums-Sha256:\n .*\n/, ""), "field-missing"],
    ["with a version that is none", good.replace("2.10-5", "2:10:5 x"), "bad-version"],
    [
      "with a source of a version that is none",
      good.replace("Source: hello", "Source: hello (1.0_2)"),
      "bad-version",
    ],
    [
      "with a package without its version",
      good.replace("autoconf (= 2.72-3)", "autoconf"),
      "bad-control-data",
    ],
    ["with a package of many versions", good.replace("(= 2.72-3)", "(>= 2.72-3)"), "bad-control-data"],
    [
      "with alternatives",
      good.replace("(= 2.72-3)", "(= 2.72-3) | autoconf2.69 (= 2.69-3)"),
      "bad-control-data",
    ],
    ["with a relation that is none", good.replace("autoconf (= 2.72-3)", "auto conf (= "), "bad-relation"],
    ["with an installed version that is none", good.replace("= 2.72-3", "= ;id"), "bad-relation"],
    ["with a checksum that is none", good.replace("a".repeat(64), "a".repeat(63)), "bad-control-data"],
    ["with a size that is none", good.replace("53084", "-1"), "bad-control-data"],
    ["with a file twice", good.replace(/^ a{64}.*\n/m, "$&$&"), "bad-control-data"],
    [
      "with a file elsewhere",
      good.replace(" hello_2.10-5_amd64.deb", " ../../etc/passwd"),
      "unsafe-file-name",
    ],
  ])("%s", (_, text, code) => {
    expect(text).not.toBe(good);
    expect(() => parseBuildinfo(text, "hello.buildinfo")).toThrow(
      expect.objectContaining({ fault: "package", code, hint: expect.stringMatching(/\S/) }),
    );
  });
});
