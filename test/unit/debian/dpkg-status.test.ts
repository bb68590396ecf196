import { describe, expect, test } from "vitest";
import { parseDpkgStatus } from "../../../src/debian/dpkg-status.ts";

const status = `Package: libc6
Status: install ok installed
Priority: optional
Maintainer: GNU Libc Maintainers <debian-glibc@lists.example>
Architecture: amd64
Source: glibc
Version: 2.41-12
Description: GNU C Library
 shared libraries

Package: acl
Status: install ok installed
Architecture: amd64
Source: acl (2.3.1-1)
Version: 2.3.1-1+b1
Homepage: https://savannah.nongnu.org/projects/acl/

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: half
Status: install ok half-configured
Architecture: all
Version: 1
`;

describe("dpkg's database", () => {
  test("tells the installed packages with their sources, sorted", () => {
    expect(parseDpkgStatus(status, "status")).toEqual([
      {
        name: "acl",
        version: "2.3.1-1+b1",
        architecture: "amd64",
        source: { name: "acl", version: "2.3.1-1" },
        maintainer: null,
        homepage: "https://savannah.nongnu.org/projects/acl/",
      },
      {
        name: "libc6",
        version: "2.41-12",
        architecture: "amd64",
        source: { name: "glibc", version: "2.41-12" },
        maintainer: "GNU Libc Maintainers <debian-glibc@lists.example>",
        homepage: null,
      },
    ]);
  });

  test.each([
    ["no version", "Package: a1\nStatus: install ok installed\nArchitecture: all\n", "field-missing"],
    ["no name of a package", "Package: ../x\nStatus: install ok installed\nVersion: 1\n", "bad-control-data"],
    [
      "no architecture of dpkg's",
      "Package: a1\nStatus: install ok installed\nVersion: 1\nArchitecture: a b\n",
      "bad-control-data",
    ],
    ["no status", "Package: a1\nVersion: 1\n", "field-missing"],
  ])("is refused with %s", (_, text, code) => {
    expect(() => parseDpkgStatus(text, "status")).toThrow(expect.objectContaining({ code }));
  });
});
