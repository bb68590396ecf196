import { Ajv } from "ajv";
import type { SpdxDocument } from "../../../src/attestation/spdx.ts";

const text = { type: "string" };
const texts = { type: "array", items: text };
const line = { type: "string", pattern: "^[^\\n]+$" };
const elementId = { type: "string", pattern: "^SPDXRef-[A-Za-z0-9.-]+$" };
const instant = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" };
const agent = { type: "string", pattern: "^(NOASSERTION$|(Person|Organization): .)" };
const assertion = { type: "string", minLength: 1 };

/** Lengths of digests in hexadecimal digits, of those algorithms that SPDX 2.3 (7.10) names and Debian has. */
const digests = { SHA1: 40, SHA224: 56, SHA256: 64, SHA384: 96, SHA512: 128, MD5: 32 };
const checksum = {
  oneOf: Object.entries(digests).map(([algorithm, length]) =>
    closed(["algorithm", "checksumValue"], {
      algorithm: { const: algorithm },
      checksumValue: { type: "string", pattern: `^[0-9a-f]{${length}}$` },
    }),
  ),
};

const externalReference = closed(["referenceCategory", "referenceType", "referenceLocator"], {
  comment: text,
  referenceCategory: { enum: ["SECURITY", "PACKAGE-MANAGER", "PERSISTENT-ID", "OTHER"] },
  referenceType: text,
  referenceLocator: { type: "string", pattern: "^\\S+$" },
});

const annotation = closed(["annotationDate", "annotationType", "annotator", "comment"], {
  annotationDate: instant,
  annotationType: { enum: ["OTHER", "REVIEW"] },
  annotator: { type: "string", pattern: "^(Person|Organization|Tool): ." },
  comment: text,
});

/** Chapter 7 of the specification. */
const packageInformation = closed(["SPDXID", "name", "downloadLocation"], {
  SPDXID: elementId,
  name: line,
  versionInfo: line,
  packageFileName: line,
  supplier: agent,
  originator: agent,
  downloadLocation: { type: "string", pattern: "^(NONE|NOASSERTION|[a-z][a-z0-9+.-]*:\\S+)$" },
  filesAnalyzed: { type: "boolean" },
  packageVerificationCode: closed(["packageVerificationCodeValue"], {
    packageVerificationCodeValue: { type: "string", pattern: "^[0-9a-f]{40}$" },
    packageVerificationCodeExcludedFiles: texts,
  }),
  checksums: { type: "array", items: checksum },
  homepage: { type: "string", pattern: "^(NONE|NOASSERTION|[a-z][a-z0-9+.-]*:\\S+)$" },
  sourceInfo: text,
  licenseConcluded: assertion,
  licenseInfoFromFiles: texts,
  licenseDeclared: assertion,
  licenseComments: text,
  copyrightText: assertion,
  summary: text,
  description: text,
  comment: text,
  externalRefs: { type: "array", items: externalReference },
  attributionTexts: texts,
  annotations: { type: "array", items: annotation },
  hasFiles: texts,
  primaryPackagePurpose: {
    enum: [
      "APPLICATION",
      "FRAMEWORK",
      "LIBRARY",
      "CONTAINER",
      "OPERATING_SYSTEM",
      "DEVICE",
      "FIRMWARE",
      "SOURCE",
      "ARCHIVE",
      "FILE",
      "INSTALL",
      "OTHER",
    ],
  },
  releaseDate: instant,
  builtDate: instant,
  validUntilDate: instant,
});

/** Chapter 11, table 68: the kinds of relationship that debkiln could have use for. */
const relationship = closed(["spdxElementId", "relationshipType", "relatedSpdxElement"], {
  spdxElementId: elementId,
  relationshipType: {
    enum: [
      "DESCRIBES",
      "DESCRIBED_BY",
      "CONTAINS",
      "CONTAINED_BY",
      "DEPENDS_ON",
      "DEPENDENCY_OF",
      "BUILD_DEPENDENCY_OF",
      "BUILD_TOOL_OF",
      "GENERATES",
      "GENERATED_FROM",
      "DISTRIBUTION_ARTIFACT",
      "VARIANT_OF",
      "OTHER",
    ],
  },
  relatedSpdxElement: { anyOf: [elementId, { enum: ["NONE", "NOASSERTION"] }] },
  comment: text,
});

/**
 * The JSON form of an SPDX 2.3 document, written from the specification (chapters 6, 7 and 11) with what it says of the
 * values' form, which the schema published beside it leaves open; without files, snippets and licences, which debkiln
 * does not write. What it accepts, the published one accepts (spdx-spec, schemas/spdx-schema-2-3.json, compared member by
 * member): it has no member, kind or category more, and requires all that is required there.
 */
export const spdxSchema = closed(
  ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"],
  {
    spdxVersion: { const: "SPDX-2.3" },
    dataLicense: { const: "CC0-1.0" },
    SPDXID: { const: "SPDXRef-DOCUMENT" },
    name: line,
    documentNamespace: { type: "string", pattern: "^[a-z][a-z0-9+.-]*:[^\\s#]+$" },
    creationInfo: closed(["created", "creators"], {
      created: instant,
      creators: {
        type: "array",
        minItems: 1,
        items: { type: "string", pattern: "^(Person: .|Organization: .|Tool: [^ ]+-[^ ]+$)" },
      },
      licenseListVersion: text,
      comment: text,
    }),
    comment: text,
    documentDescribes: texts,
    packages: { type: "array", items: packageInformation },
    relationships: { type: "array", items: relationship },
    annotations: { type: "array", items: annotation },
  },
);

/** What is wrong with a document by the schema, and what in it points to nothing or has a name twice; empty when all is well. */
export function spdxFaults(document: SpdxDocument): string[] {
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(spdxSchema);
  const faults = validate(document)
    ? []
    : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
  const { packages, relationships } = document;
  const ids = ["SPDXRef-DOCUMENT", ...packages.map(({ SPDXID }) => SPDXID)];
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} twice`);
  const loose = relationships
    .flatMap(({ spdxElementId, relatedSpdxElement }) => [spdxElementId, relatedSpdxElement])
    .filter((id) => !ids.includes(id))
    .map((id) => `${id} is nowhere`);
  return [...faults, ...twice, ...loose];
}

/** An object that has those members and no others. */
function closed(required: readonly string[], properties: Readonly<Record<string, object>>) {
  return { type: "object", required, properties, additionalProperties: false };
}
