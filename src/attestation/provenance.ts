import { type Digest, canonicalJson, digestOf, hexOf } from "../base/digest.ts";
import type { Lock } from "../environment/lock.ts";
import type { BuildRecord, NamedFile } from "./build-record.ts";
import { publicUri } from "./public-uri.ts";
import { debianPurl } from "./purl.ts";
import type { Provenance, ProvenanceStatement, ResourceDescriptor } from "./statement.ts";

/** Who made it: the identity of the machine or service that a verifier trusts, and what ran there. */
export interface Builder {
  /** A URI (SLSA provenance v1, builder.id). */
  readonly id: string;
  /** Versions by the names of what took part, such as debkiln and podman. */
  readonly version: Readonly<Record<string, string>>;
}

/** What a builder is called whose owner gave it no name. */
export const anonymousBuilder = "urn:debkiln:builder:anonymous";

/** The kinds of build, told in docs/trust.md. */
export const buildTypes = {
  package: "urn:debkiln:build:package:1",
  image: "urn:debkiln:build:image:1",
} as const;

/** What the user decided of a build: the external parameters. Only what changes the result belongs here. */
export type Parameters = Readonly<Record<string, string | readonly string[] | null>>;

/**
 * The provenance of a build's results: made from the source's files and the whole lock, packages by their purl, base and
 * indices by their digests. Pure, and without times: the same build gives the same bytes.
 */
export function buildProvenance(
  build: BuildRecord,
  { parameters, builder }: { readonly parameters: Parameters; readonly builder: Builder },
): ProvenanceStatement {
  const { source, lock } = build;
  const { name, version, files } = source;
  const uri = debianPurl({ name, version, architecture: "source" }, lock.suite);
  const materials = files.map((file) => ({ name: file.name, uri, digest: sha256(file.sha256) }));
  return statement(build.artifacts, {
    buildDefinition: {
      buildType: buildTypes.package,
      externalParameters: { source: uri, ...parameters },
      internalParameters: { lock: lockDigest(lock) },
      resolvedDependencies: [...materials, ...lockMaterials(lock)],
    },
    runDetails: { builder: { id: builder.id, version: { ...builder.version } } },
  });
}

/** An image by the digest of its manifest. */
export interface NamedImage {
  readonly name: string;
  readonly digest: Digest;
}

/**
 * The provenance of an image: made from its definition's files, the lock, and what `tools` has more, with which its unified
 * kernel image was made. As `buildProvenance`.
 */
export function imageProvenance(
  image: NamedImage,
  made: { readonly lock: Lock; readonly tools: Lock | null; readonly definition: readonly NamedFile[] },
  { parameters, builder }: { readonly parameters: Parameters; readonly builder: Builder },
): ProvenanceStatement {
  const definition = made.definition.map(({ name, sha256: digest }) => ({ name, digest: sha256(digest) }));
  return statement([{ name: image.name, sha256: image.digest }], {
    buildDefinition: {
      buildType: buildTypes.image,
      externalParameters: { ...parameters },
      internalParameters: {
        lock: lockDigest(made.lock),
        ...(made.tools === null ? {} : { tools: lockDigest(made.tools) }),
      },
      resolvedDependencies: [...definition, ...lockMaterials(made.lock), ...toolMaterials(made)],
    },
    runDetails: { builder: { id: builder.id, version: { ...builder.version } } },
  });
}

/** Everything that a lock names, as materials. */
export function lockMaterials({ base, packages, releases, suite }: Lock): ResourceDescriptor[] {
  return [
    { name: "base root filesystem", digest: sha256(base), mediaType: "application/x-tar" },
    ...packages.map((each) => ({
      name: each.name,
      uri: debianPurl(each, suite),
      digest: sha256(each.sha256),
      downloadLocation: publicUri(each.uri),
    })),
    ...releases.map(({ uri, digest }) => ({ uri: publicUri(uri), digest: sha256(digest) })),
  ];
}

/** Of what only the tools have. */
function toolMaterials({
  lock,
  tools,
}: {
  readonly lock: Lock;
  readonly tools: Lock | null;
}): ResourceDescriptor[] {
  if (tools === null) return [];
  const known = new Set(lockMaterials(lock).map(({ digest }) => digest?.["sha256"]));
  return lockMaterials(tools).filter(({ digest }) => !known.has(digest?.["sha256"]));
}

function statement(subjects: readonly NamedFile[], predicate: Provenance): ProvenanceStatement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(({ name, sha256: digest }) => ({ name, digest: sha256(digest) })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate,
  };
}

function lockDigest(lock: Lock): string {
  return digestOf(canonicalJson(lock));
}

function sha256(digest: Digest): { sha256: string } {
  return { sha256: hexOf(digest) };
}
