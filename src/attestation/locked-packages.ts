import type { Lock, LockedPackage } from "../environment/lock.ts";
import { publicUri } from "./public-uri.ts";
import { debianPurl } from "./purl.ts";
import { type SpdxPackage, elementId, purlReference, sha256Checksums, unanalyzed } from "./spdx.ts";

/** The packages of a lock as SPDX has them, in the lock's order. */
export function lockedSpdxPackages({ packages, suite }: Lock): SpdxPackage[] {
  return packages.map((each) => ({
    SPDXID: lockedId(each),
    name: each.name,
    versionInfo: each.version,
    downloadLocation: publicUri(each.uri),
    ...unanalyzed,
    checksums: sha256Checksums(each.sha256),
    primaryPackagePurpose: "INSTALL",
    externalRefs: purlReference(debianPurl(each, suite)),
  }));
}

/** The identifier of a locked package in a document. */
export function lockedId({ name, architecture }: Pick<LockedPackage, "name" | "architecture">): string {
  return elementId("Package", architecture, name);
}
