import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf } from "../../../src/base/digest.ts";
import { buildSbom } from "../../../src/attestation/build-sbom.ts";
import { imageSbom } from "../../../src/attestation/image-sbom.ts";
import { SpdxDocument, elementId } from "../../../src/attestation/spdx.ts";
import type { InstalledPackage } from "../../../src/debian/dpkg-status.ts";
import { build, lock } from "./fixture.ts";
import { spdxFaults } from "./spdx-schema.ts";

const making = { epoch: 1_740_830_400, version: "0.1.0" };

describe("the bill of materials of a build", () => {
  const document = buildSbom(build, "hello_2.10-3_amd64", making);

  test("is an SPDX 2.3 document by its schema and by ours", () => {
    expect(spdxFaults(document)).toEqual([]);
    expect(SpdxDocument.parse(document)).toEqual(document);
  });

  test("tells of each artifact that it was made from the source", () => {
    const generated = document.relationships.filter((each) => each.relationshipType === "GENERATED_FROM");

    expect(generated.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual([
      "SPDXRef-Source",
      "SPDXRef-Source",
      "SPDXRef-Source",
    ]);
    expect(new Set(generated.map(({ spdxElementId }) => spdxElementId)).size).toBe(3);
  });

  test("names every package of the environment, with its checksum and where it is from", () => {
    const compiler = document.packages.find(({ name }) => name === "g++");

    expect(compiler).toMatchObject({
      SPDXID: "SPDXRef-Package-amd64-g.2B..2B.",
      versionInfo: "4:14.2.0-1",
      downloadLocation: "http://mirror.example/debian/pool/g++_amd64.deb",
      checksums: [{ algorithm: "SHA256", checksumValue: lock.packages[0]?.sha256.slice("sha256:".length) }],
      externalRefs: [{ referenceLocator: "pkg:deb/debian/g%2B%2B@4:14.2.0-1?arch=amd64&distro=trixie" }],
    });
    expect(
      document.relationships.filter((each) => each.relationshipType === "BUILD_DEPENDENCY_OF"),
    ).toHaveLength(lock.packages.length);
  });

  test("gives a package of the source's version the source's epoch, which file names lack", () => {
    const versions = new Map(
      document.packages.map(({ packageFileName, versionInfo }) => [packageFileName, versionInfo]),
    );

    expect(versions.get("hello_2.10-3_amd64.deb")).toBe("1:2.10-3");
    expect(versions.get("hello-data_7.0+b1_all.deb")).toBe("7.0+b1");
  });

  test("comes to the same bytes again, and under another namespace when anything differs", () => {
    const again = buildSbom(build, "hello_2.10-3_amd64", making);
    const other = buildSbom({ ...build, artifacts: build.artifacts.slice(1) }, "hello_2.10-3_amd64", making);

    expect(canonicalJson(again)).toBe(canonicalJson(document));
    expect(document.creationInfo.created).toBe("2025-03-01T12:00:00Z");
    expect(other.documentNamespace).not.toBe(document.documentNamespace);
  });
});

describe("the bill of materials of an image", () => {
  const installed: InstalledPackage = {
    name: "libc6",
    version: "2.41-12",
    architecture: "amd64",
    source: { name: "glibc", version: "2.41-12" },
    maintainer: "GNU Libc Maintainers <debian-glibc@lists.example>",
    homepage: "https://www.gnu.org/software/libc/",
  };
  const local = { ...installed, name: "local-tool", version: "1.0", maintainer: null, homepage: null };
  const image = {
    name: "registry.example/os/debian-bootc",
    digest: digestOf("manifest"),
    architecture: "amd64",
  };
  const packages = [installed, local];
  const document = imageSbom(image, { packages, suite: "trixie", lock }, making);

  test("is an SPDX 2.3 document by its schema and by ours", () => {
    expect(spdxFaults(document)).toEqual([]);
    expect(spdxFaults(imageSbom(image, { packages, suite: "trixie", lock: null }, making))).toEqual([]);
    expect(SpdxDocument.parse(document)).toEqual(document);
  });

  test("says which packages the image contains, with what the lock knows of them", () => {
    const [subject, libc, tool] = document.packages;

    expect(subject).toMatchObject({ versionInfo: image.digest, primaryPackagePurpose: "CONTAINER" });
    expect(libc).toMatchObject({
      downloadLocation: "http://mirror.example/debian/pool/libc6_amd64.deb",
      supplier: "Person: GNU Libc Maintainers (debian-glibc@lists.example)",
      sourceInfo: "built package from: glibc 2.41-12",
    });
    expect(tool).toMatchObject({ downloadLocation: "NOASSERTION", checksums: [] });
    expect(document.relationships.map(({ relationshipType }) => relationshipType)).toEqual([
      "DESCRIBES",
      "CONTAINS",
      "CONTAINS",
    ]);
  });
});

describe("element identifiers", () => {
  test("are well-formed and differ for different words, whatever is in those", () => {
    const word = fc.string({ minLength: 1, unit: "binary" }).filter((each) => !each.includes("-"));
    const { counterexample } = fc.check(fc.property(word, word, areWellFormed));

    expect(counterexample).toBeNull();
  });
});

function areWellFormed(a: string, b: string): boolean {
  return /^SPDXRef-[A-Za-z0-9.-]+$/.test(elementId(a)) && (elementId(a) === elementId(b)) === (a === b);
}
