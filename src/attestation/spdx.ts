import { z } from "zod";
import { type Digest, canonicalJson, digestOf, hexOf } from "../base/digest.ts";

/** Identifiers within a document: letters, digits, dots and dashes (SPDX 2.3, 7.2). */
const ElementId = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);

/** One package of a document: of what SPDX 2.3 (chapter 7) knows, what debkiln writes. */
export const SpdxPackage = z.strictObject({
  SPDXID: ElementId,
  name: z.string(),
  versionInfo: z.string().optional(),
  packageFileName: z.string().optional(),
  downloadLocation: z.string(),
  filesAnalyzed: z.literal(false),
  checksums: z.array(
    z.strictObject({ algorithm: z.literal("SHA256"), checksumValue: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  supplier: z.string().optional(),
  homepage: z.string().optional(),
  sourceInfo: z.string().optional(),
  licenseConcluded: z.literal("NOASSERTION"),
  licenseDeclared: z.literal("NOASSERTION"),
  copyrightText: z.literal("NOASSERTION"),
  primaryPackagePurpose: z.enum(["CONTAINER", "FILE", "INSTALL", "OPERATING_SYSTEM", "SOURCE"]).optional(),
  externalRefs: z
    .array(
      z.strictObject({
        referenceCategory: z.literal("PACKAGE-MANAGER"),
        referenceType: z.literal("purl"),
        referenceLocator: z.string(),
      }),
    )
    .optional(),
});
export type SpdxPackage = z.infer<typeof SpdxPackage>;

export const SpdxRelationship = z.strictObject({
  spdxElementId: ElementId,
  relationshipType: z.enum(["DESCRIBES", "CONTAINS", "GENERATED_FROM", "BUILD_DEPENDENCY_OF"]),
  relatedSpdxElement: ElementId,
});
export type SpdxRelationship = z.infer<typeof SpdxRelationship>;

/** A software bill of materials in the JSON form of SPDX 2.3. */
export const SpdxDocument = z.strictObject({
  spdxVersion: z.literal("SPDX-2.3"),
  dataLicense: z.literal("CC0-1.0"),
  SPDXID: z.literal("SPDXRef-DOCUMENT"),
  name: z.string(),
  documentNamespace: z.string(),
  creationInfo: z.strictObject({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string()).min(1),
  }),
  packages: z.array(SpdxPackage),
  relationships: z.array(SpdxRelationship),
});
export type SpdxDocument = z.infer<typeof SpdxDocument>;

/** When and by what a document is made. */
export interface Making {
  /** In seconds since the epoch: SOURCE_DATE_EPOCH, so that the same build gives the same document. */
  readonly epoch: number;
  /** debkiln's version. */
  readonly version: string;
}

/** What the parts come to, under a namespace that is theirs alone: it is made of their digest. */
export function spdxDocument(
  name: string,
  { packages, relationships }: Pick<SpdxDocument, "packages" | "relationships">,
  { epoch, version }: Making,
): SpdxDocument {
  const created = new Date(epoch * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const content = digestOf(canonicalJson({ name, created, packages, relationships }));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: documentId,
    name,
    // The form that SPDX 2.3 (6.5) proposes to whoever has no site of their own for documents.
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${hexOf(content)}`,
    creationInfo: { created, creators: [`Tool: debkiln-${version}`] },
    packages,
    relationships,
  };
}

export const documentId = "SPDXRef-DOCUMENT";

/** What is said of every package alike: nothing was looked into, and nothing is claimed about licences. */
export const unanalyzed = {
  filesAnalyzed: false,
  licenseConcluded: "NOASSERTION",
  licenseDeclared: "NOASSERTION",
  copyrightText: "NOASSERTION",
} as const satisfies Partial<SpdxPackage>;

/** An identifier made of words; what may not stand in one becomes a dot and its code in hexadecimal. */
export function elementId(...words: readonly string[]): string {
  const escaped = words.map((word) =>
    word.replaceAll(/[^A-Za-z0-9-]/g, (each) => `.${(each.codePointAt(0) ?? 0).toString(16).toUpperCase()}.`),
  );
  return `SPDXRef-${escaped.join("-")}`;
}

export function sha256Checksums(...digests: readonly (Digest | null)[]): SpdxPackage["checksums"] {
  return digests.flatMap((digest) =>
    digest === null ? [] : [{ algorithm: "SHA256" as const, checksumValue: hexOf(digest) }],
  );
}

export function purlReference(purl: string): NonNullable<SpdxPackage["externalRefs"]> {
  return [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }];
}
