import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { sbomOf } from "../../../src/image/sbom.ts";
import { spdxFaults } from "../attestation/spdx-schema.ts";
import { symlink, treeOf } from "./lint/root.ts";

const status = `Package: libc6
Status: install ok installed
Maintainer: GNU Libc Maintainers <debian-glibc@lists.example>
Architecture: amd64
Source: glibc
Version: 2.41-12

Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.22.21
`;
const osRelease = 'NAME="Debian GNU/Linux"\nVERSION_CODENAME=trixie\n';
const request = { name: "server", lock: null, version: "0.1.0" };

describe("the bill of materials of a root filesystem", () => {
  test("has the packages of dpkg's database, wherever that lies", async () => {
    const inVar = treeOf({ "var/lib/dpkg/status": status, "usr/lib/os-release": osRelease });
    const inUsr = treeOf({
      "usr/lib/sysimage/dpkg/status": status,
      "usr/lib/os-release": osRelease,
      "etc/os-release": symlink("../usr/lib/os-release"),
    });

    const bills = await Promise.all(
      [inVar, inUsr].map((tree) => sbomOf({ tree, config: null, image: null }, request)),
    );

    for (const bill of bills) expect(spdxFaults(bill)).toEqual([]);
    expect(bills[0]).toEqual(bills[1]);
    expect(bills[0]?.packages.map(({ name, primaryPackagePurpose: purpose }) => [name, purpose])).toEqual([
      ["server", "OPERATING_SYSTEM"],
      ["dpkg", "INSTALL"],
      ["libc6", "INSTALL"],
    ]);
    expect(bills[0]?.packages[2]?.externalRefs?.[0]?.referenceLocator).toBe(
      "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=trixie",
    );
  });

  test("names an image by its digest, and is of the time when it was made", async () => {
    const tree = treeOf({ "var/lib/dpkg/status": status });
    const rootfs = { type: "layers" as const, diff_ids: [] };
    const config = { architecture: "arm64", os: "linux", created: "2026-01-02T03:04:05.6Z", rootfs };
    const descriptor = { mediaType: "", digest: digestOf("manifest"), size: 8 };

    const bill = await sbomOf({ tree, config, image: { descriptor } }, request);

    expect(spdxFaults(bill)).toEqual([]);
    expect(bill.creationInfo.created).toBe("2026-01-02T03:04:05Z");
    expect(bill.packages[0]).toMatchObject({
      versionInfo: descriptor.digest,
      externalRefs: [{ referenceLocator: `pkg:oci/server@${descriptor.digest}?arch=arm64` }],
    });
  });

  test("cannot be made without such a database", async () => {
    const tree = treeOf({ "usr/lib/os-release": osRelease });

    await expect(sbomOf({ tree, config: null, image: null }, request)).rejects.toMatchObject({
      fault: "package",
      code: "no-package-database",
    });
  });
});
