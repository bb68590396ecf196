import type { Digest } from "../base/digest.ts";
import type { InstalledPackage } from "../debian/dpkg-status.ts";
import type { Lock } from "../environment/lock.ts";
import { lockedId } from "./locked-packages.ts";
import { publicUri } from "./public-uri.ts";
import { debianPurl, ociPurl } from "./purl.ts";
import {
  type Making,
  type SpdxDocument,
  type SpdxPackage,
  documentId,
  purlReference,
  sha256Checksums,
  spdxDocument,
  unanalyzed,
} from "./spdx.ts";

/** An image as attestations name it. */
export interface ImageSubject {
  /** Its repository, such as `registry.example/debian-bootc`, or a file's name. */
  readonly name: string;
  /** Of its manifest; null for a root filesystem that is no image (yet). */
  readonly digest: Digest | null;
  /** Debian's name of its architecture. */
  readonly architecture: string;
}

/** What is in an image. */
export interface ImageContents {
  /** By dpkg's own database in it. */
  readonly packages: readonly InstalledPackage[];
  /** The codename that package URLs shall have. */
  readonly suite: string;
  /** What it was made from, for checksums and addresses; null when that is not known. */
  readonly lock: Lock | null;
}

/** The bill of materials of an image: it CONTAINS the packages that are installed in it. Pure, as `buildSbom`. */
export function imageSbom(image: ImageSubject, contents: ImageContents, making: Making): SpdxDocument {
  const locked = new Map(contents.lock?.packages.map((each) => [lockedId(each), each]));
  const packages = contents.packages.map((each): SpdxPackage => {
    const known = locked.get(lockedId(each));
    const same = known?.version === each.version ? known : null;
    return {
      SPDXID: lockedId(each),
      name: each.name,
      versionInfo: each.version,
      downloadLocation: same === null ? "NOASSERTION" : publicUri(same.uri),
      ...unanalyzed,
      checksums: sha256Checksums(same?.sha256 ?? null),
      ...(each.maintainer === null ? {} : { supplier: supplierOf(each.maintainer) }),
      ...(each.homepage === null || !URL.canParse(each.homepage) ? {} : { homepage: each.homepage }),
      // In these words scanners of SPDX documents look for the source that advisories are about.
      sourceInfo: `built package from: ${each.source.name} ${each.source.version}`,
      primaryPackagePurpose: "INSTALL",
      externalRefs: purlReference(debianPurl(each, contents.suite)),
    };
  });
  const relationships = [
    { spdxElementId: documentId, relationshipType: "DESCRIBES" as const, relatedSpdxElement: imageId },
    ...packages.map(({ SPDXID }) => ({
      spdxElementId: imageId,
      relationshipType: "CONTAINS" as const,
      relatedSpdxElement: SPDXID,
    })),
  ];
  return spdxDocument(image.name, { packages: [imagePackage(image), ...packages], relationships }, making);
}

const imageId = "SPDXRef-Image";

function imagePackage({ name, digest, architecture }: ImageSubject): SpdxPackage {
  return {
    SPDXID: imageId,
    name,
    ...(digest === null ? {} : { versionInfo: digest }),
    downloadLocation: "NOASSERTION",
    ...unanalyzed,
    checksums: sha256Checksums(digest),
    primaryPackagePurpose: digest === null ? "OPERATING_SYSTEM" : "CONTAINER",
    ...(digest === null ? {} : { externalRefs: purlReference(ociPurl(name, digest, architecture)) }),
  };
}

/** `Name <address>` of control data (Policy 5.6.2) as SPDX 2.3 (7.5) writes people. */
function supplierOf(maintainer: string): string {
  const [, name, address] = /^"?([^"<]*?)"?\s*<([^<>\s]+)>/.exec(maintainer) ?? [];
  return name === undefined || name === "" ? `Person: ${maintainer.trim()}` : `Person: ${name} (${address})`;
}
