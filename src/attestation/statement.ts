import { z } from "zod";

const Digests = z.record(z.string(), z.string().regex(/^[0-9a-f]+$/));

/** Names a resource and its content (in-toto attestation v1, resource_descriptor.md). */
export const ResourceDescriptor = z
  .strictObject({
    name: z.string().optional(),
    uri: z.string().optional(),
    digest: Digests.optional(),
    downloadLocation: z.string().optional(),
    mediaType: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ uri, digest }) => uri !== undefined || digest !== undefined, {
    error: "a descriptor names its resource by uri or digest",
  });
export type ResourceDescriptor = z.infer<typeof ResourceDescriptor>;

/** How something was made (SLSA provenance v1). */
export const Provenance = z.strictObject({
  buildDefinition: z.strictObject({
    buildType: z.url(),
    externalParameters: z.record(z.string(), z.unknown()),
    internalParameters: z.record(z.string(), z.unknown()),
    resolvedDependencies: z.array(ResourceDescriptor),
  }),
  runDetails: z.strictObject({
    builder: z.strictObject({ id: z.url(), version: z.record(z.string(), z.string()) }),
  }),
});
export type Provenance = z.infer<typeof Provenance>;

/** A claim about some artifacts (in-toto attestation v1, statement.md), here that of their provenance. */
export const ProvenanceStatement = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(z.strictObject({ name: z.string(), digest: Digests })).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: Provenance,
});
export type ProvenanceStatement = z.infer<typeof ProvenanceStatement>;
