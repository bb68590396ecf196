import { Ajv } from "ajv";

const uri = { type: "string", pattern: "^[A-Za-z][A-Za-z0-9+.-]*:\\S+$" };
/** field_types.md of in-toto attestation v1: names of algorithms and hexadecimal digits. */
const digestSet = {
  type: "object",
  minProperties: 1,
  properties: { sha256: { type: "string", pattern: "^[0-9a-f]{64}$" } },
  additionalProperties: { type: "string", pattern: "^[0-9a-f]+$" },
};
const descriptor = {
  type: "object",
  anyOf: [{ required: ["uri"] }, { required: ["digest"] }, { required: ["content"] }],
  properties: {
    name: { type: "string" },
    uri,
    digest: digestSet,
    content: { type: "string" },
    downloadLocation: uri,
    mediaType: { type: "string", pattern: "^[^/ ]+/[^/ ]+$" },
    annotations: { type: "object" },
  },
  additionalProperties: false,
};
const subject = {
  type: "object",
  required: ["name", "digest"],
  properties: { name: { type: "string", minLength: 1 }, digest: digestSet },
  additionalProperties: false,
};

/**
 * An in-toto v1 Statement that has SLSA v1 provenance, by the two specifications: statement.md and
 * resource_descriptor.md of the one, the table of fields of the other.
 */
export const provenanceSchema = {
  type: "object",
  required: ["_type", "subject", "predicateType", "predicate"],
  properties: {
    _type: { const: "https://in-toto.io/Statement/v1" },
    subject: { type: "array", minItems: 1, items: subject },
    predicateType: { const: "https://slsa.dev/provenance/v1" },
    predicate: {
      type: "object",
      required: ["buildDefinition", "runDetails"],
      properties: {
        buildDefinition: {
          type: "object",
          required: ["buildType", "externalParameters"],
          properties: {
            buildType: uri,
            externalParameters: { type: "object" },
            internalParameters: { type: "object" },
            resolvedDependencies: { type: "array", items: descriptor },
          },
          additionalProperties: false,
        },
        runDetails: {
          type: "object",
          required: ["builder"],
          properties: {
            builder: {
              type: "object",
              required: ["id"],
              properties: {
                id: uri,
                version: { type: "object", additionalProperties: { type: "string" } },
                builderDependencies: { type: "array", items: descriptor },
              },
              additionalProperties: false,
            },
            metadata: { type: "object" },
            byproducts: { type: "array", items: descriptor },
          },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

/** What is wrong with a statement by the schema; empty when nothing is. */
export function provenanceFaults(statement: unknown): string[] {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(
    provenanceSchema,
  );
  if (validate(statement)) return [];
  return (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
}
