import { type BuildRecord, type NamedFile, binaryPackageOf } from "./build-record.ts";
import { lockedId, lockedSpdxPackages } from "./locked-packages.ts";
import { debianPurl } from "./purl.ts";
import {
  type Making,
  type SpdxDocument,
  type SpdxPackage,
  type SpdxRelationship,
  documentId,
  elementId,
  purlReference,
  sha256Checksums,
  spdxDocument,
  unanalyzed,
} from "./spdx.ts";

/**
 * The bill of materials of a build: what it gave is GENERATED_FROM the source, and every package of the environment is a
 * BUILD_DEPENDENCY_OF the source. Pure: the same build gives the same bytes.
 */
export function buildSbom(build: BuildRecord, name: string, making: Making): SpdxDocument {
  const { source, lock } = build;
  const artifacts = build.artifacts.map((each) => artifactPackage(each, build));
  const relationships: SpdxRelationship[] = [
    ...artifacts.flatMap(({ SPDXID }) => [
      relation(documentId, "DESCRIBES", SPDXID),
      relation(SPDXID, "GENERATED_FROM", sourceId),
    ]),
    ...source.files.map((each) => relation(sourceId, "CONTAINS", sourceFileId(each))),
    ...lock.packages.map((each) => relation(lockedId(each), "BUILD_DEPENDENCY_OF", sourceId)),
  ];
  const packages = [
    ...artifacts,
    sourcePackage(build),
    ...source.files.map((each) => sourceFile(each, build)),
    ...lockedSpdxPackages(lock),
  ];
  return spdxDocument(name, { packages, relationships }, making);
}

const sourceId = "SPDXRef-Source";

function artifactPackage(artifact: NamedFile, { source, lock }: BuildRecord): SpdxPackage {
  const binary = binaryPackageOf(artifact, source);
  return {
    SPDXID: elementId("Artifact", artifact.name),
    name: binary?.name ?? artifact.name,
    versionInfo: binary?.version ?? source.version,
    packageFileName: artifact.name,
    downloadLocation: "NOASSERTION",
    ...unanalyzed,
    checksums: sha256Checksums(artifact.sha256),
    primaryPackagePurpose: binary === null ? "FILE" : "INSTALL",
    ...(binary === null ? {} : { externalRefs: purlReference(debianPurl(binary, lock.suite)) }),
  };
}

/** The source as a whole; its checksum is that of its .dsc, which has those of all its files. */
function sourcePackage({ source, lock }: BuildRecord): SpdxPackage {
  const { name, version, files } = source;
  const dsc = files.find((each) => each.name.endsWith(".dsc"));
  return {
    SPDXID: sourceId,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    ...unanalyzed,
    checksums: sha256Checksums(dsc?.sha256 ?? null),
    primaryPackagePurpose: "SOURCE",
    externalRefs: purlReference(debianPurl({ name, version, architecture: "source" }, lock.suite)),
  };
}

function sourceFile(file: NamedFile, { source }: BuildRecord): SpdxPackage {
  return {
    SPDXID: sourceFileId(file),
    name: file.name,
    versionInfo: source.version,
    packageFileName: file.name,
    downloadLocation: "NOASSERTION",
    ...unanalyzed,
    checksums: sha256Checksums(file.sha256),
    primaryPackagePurpose: "SOURCE",
  };
}

function sourceFileId({ name }: NamedFile): string {
  return elementId("Source", "File", name);
}

function relation(
  spdxElementId: string,
  relationshipType: SpdxRelationship["relationshipType"],
  relatedSpdxElement: string,
): SpdxRelationship {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
