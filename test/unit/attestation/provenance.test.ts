import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf } from "../../../src/base/digest.ts";
import { debianPurl, ociPurl } from "../../../src/attestation/purl.ts";
import { anonymousBuilder, buildProvenance, imageProvenance } from "../../../src/attestation/provenance.ts";
import { ProvenanceStatement, ResourceDescriptor } from "../../../src/attestation/statement.ts";
import { build, file, lock } from "./fixture.ts";
import { provenanceFaults } from "./provenance-schema.ts";

const builder = { id: anonymousBuilder, version: { debkiln: "0.1.0", podman: "5.4.2" } };
const parameters = { target: "debian-trixie-amd64", profiles: ["nocheck"], buildPath: null };

describe("the provenance of a build", () => {
  const statement = buildProvenance(build, { parameters, builder });

  test("is an in-toto v1 Statement with SLSA v1 provenance, by their schema and by ours", () => {
    expect(provenanceFaults(statement)).toEqual([]);
    expect(ProvenanceStatement.parse(statement)).toEqual(statement);
  });

  test("is about every artifact, and has the source's files and the whole lock as its materials", () => {
    const materials = statement.predicate.buildDefinition.resolvedDependencies;

    expect(statement.subject.map(({ name }) => name)).toEqual(build.artifacts.map(({ name }) => name));
    expect(materials).toHaveLength(
      build.source.files.length + 1 + lock.packages.length + lock.releases.length,
    );
    expect(materials.map(({ name, uri }) => name ?? uri)).toEqual(
      expect.arrayContaining(["hello_2.10-3.dsc", "base root filesystem", "libc6"]),
    );
    expect(statement.predicate.buildDefinition.internalParameters).toEqual({
      lock: digestOf(canonicalJson(lock)),
    });
  });

  test("hands on no password of a mirror's address", () => {
    const text = JSON.stringify(statement);

    expect(text).toContain("http://mirror.example/debian/dists/trixie/InRelease");
    expect(text).not.toContain("secret");
  });

  test("names no material by a name alone, which resource_descriptor.md does not allow", () => {
    expect(ResourceDescriptor.safeParse({ name: "libc6" }).success).toBe(false);
    expect(ResourceDescriptor.safeParse({ name: "libc6", uri: "pkg:deb/debian/libc6" }).success).toBe(true);
  });

  test("comes to the same bytes again", () => {
    expect(canonicalJson(buildProvenance(build, { parameters, builder }))).toBe(canonicalJson(statement));
  });
});

describe("the provenance of an image", () => {
  test("is about its manifest, and has its definition and the whole lock as its materials", () => {
    const image = { name: "registry.example/os/debian-bootc", digest: digestOf("manifest") };
    const made = { lock, tools: null, definition: [file("server.toml")] };

    const statement = imageProvenance(image, made, {
      parameters: { target: "debian-trixie-amd64" },
      builder,
    });

    expect(provenanceFaults(statement)).toEqual([]);
    expect(ProvenanceStatement.parse(statement)).toEqual(statement);
    expect(statement.subject).toEqual([
      { name: image.name, digest: { sha256: image.digest.slice("sha256:".length) } },
    ]);
  });
});

test("the provenance of an image has what made its unified kernel image among the materials, each once", () => {
  const ukify = { ...lock.packages[0]!, name: "systemd-ukify", sha256: digestOf("systemd-ukify") };
  const tools = { ...lock, packages: [...lock.packages, ukify] };
  const image = { name: "registry.example/os", digest: digestOf("manifest") };
  const definition = [file("server.toml")];
  const of = (made: { tools: typeof lock | null }) =>
    imageProvenance(image, { lock, definition, ...made }, { parameters: {}, builder }).predicate
      .buildDefinition;

  const [without, having] = [of({ tools: null }), of({ tools })];

  expect(having.resolvedDependencies.slice(without.resolvedDependencies.length)).toMatchObject([
    { name: "systemd-ukify" },
  ]);
  expect(having.internalParameters).toEqual({
    ...without.internalParameters,
    tools: digestOf(canonicalJson(tools)),
  });
});

describe("package URLs", () => {
  test("are as the specification's own examples have them", () => {
    const attr = { name: "attr", version: "1:2.4.47-2+b1", architecture: "amd64" };

    expect(debianPurl({ name: "curl", version: "7.50.3-1", architecture: "i386" }, "jessie")).toBe(
      "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
    );
    expect(debianPurl(attr, "sid")).toBe("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=sid");
  });

  test("name images by digest, with their repository", () => {
    expect(ociPurl("registry.example/os/Debian", digestOf("m"), "amd64")).toBe(
      `pkg:oci/debian@${digestOf("m")}?arch=amd64&repository_url=registry.example%2Fos%2FDebian`,
    );
  });
});
