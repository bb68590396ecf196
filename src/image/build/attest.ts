import { rm } from "node:fs/promises";
import { imageProvenance } from "../../attestation/provenance.ts";
import type { Builder } from "../../attestation/provenance.ts";
import { type Task, throwIfAborted } from "../../base/event.ts";
import type { Kiln } from "../../environment/kiln.ts";
import type { Artifact } from "../../oci/artifact.ts";
import { attachArtifact, listReferrers } from "../../oci/registry/referrers.ts";
import { bundleType, signStatement } from "../../oci/signature/bundle.ts";
import type { SigningKey } from "../../oci/signature/key.ts";
import type { Accompany } from "../push.ts";
import { sbomOf } from "../sbom.ts";
import { treeOfImage } from "../tree/read-layers.ts";
import type { BuiltImage } from "./build-image.ts";

export interface AttestOptions {
  /** What provenance names who built it. */
  readonly builder: Builder;
  /** debkiln's version. */
  readonly version: string;
  /** Signs the provenance, as a sigstore bundle; null leaves it a bare statement. */
  readonly key: SigningKey | null;
}

/** The media types under which an image's bill of materials and its unsigned provenance are attached. */
const sbomType = "application/spdx+json";
const statementType = "application/vnd.in-toto+json";

/**
 * Attaches to each image of a push its bill of materials (SPDX 2.3) and its provenance (SLSA v1), before a tag leads to it.
 * What is attached already stays.
 */
export function attesting(kiln: Kiln, built: readonly BuiltImage[], options: AttestOptions): Accompany {
  return (pushed, task, signal) =>
    task.step("attest", "Attach bill of materials and provenance", async (step) => {
      const { repository } = pushed;
      const name = `${repository.registry}/${repository.name}`;
      let count = 0;
      for (const image of built) {
        throwIfAborted(signal);
        const { descriptor } = image.image;
        const there = await listReferrers(repository, descriptor.digest);
        for (const artifact of await missingOf(kiln, image, name, options, there, step)) {
          await attachArtifact(repository, descriptor, artifact, step, signal);
          count++;
        }
      }
      step.summary = count === 0 ? "attached already" : `${count} attached`;
    });
}

async function missingOf(
  kiln: Kiln,
  built: BuiltImage,
  name: string,
  options: AttestOptions,
  there: readonly {
    readonly artifactType?: string | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  }[],
  task: Task,
): Promise<readonly Artifact[]> {
  const { key } = options;
  const has = (predicate: string) =>
    there.some(({ annotations }) => annotations?.[predicateName] === predicate);
  return [
    ...(has(spdxPredicate)
      ? []
      : [artifactOf(sbomType, sbomType, spdxPredicate, await billOf(kiln, built, name, options, task))]),
    ...(has(slsaPredicate)
      ? []
      : key === null
        ? [
            artifactOf(
              statementType,
              statementType,
              slsaPredicate,
              JSON.stringify(provenanceOf(built, name, options)),
            ),
          ]
        : [
            artifactOf(
              bundleType,
              bundleType,
              slsaPredicate,
              signStatement(key, provenanceOf(built, name, options)),
            ),
          ]),
  ];
}

/** By this annotation receivers tell attestations apart without fetching them; cosign's name for it. */
const predicateName = "dev.sigstore.bundle.predicateType";
const spdxPredicate = "https://spdx.dev/Document";
const slsaPredicate = "https://slsa.dev/provenance/v1";

function artifactOf(
  artifactType: string,
  mediaType: string,
  predicate: string,
  bytes: string | Uint8Array,
): Artifact {
  return { artifactType, contents: [{ mediaType, bytes }], annotations: { [predicateName]: predicate } };
}

/** Of the tree that was just made; of an unchanged image what its layers hold. */
async function billOf(
  kiln: Kiln,
  { tree, image, source, lock }: BuiltImage,
  name: string,
  { version }: AttestOptions,
  task: Task,
): Promise<string> {
  const scratch = tree === null ? await kiln.store.temporaryDirectory() : null;
  try {
    if (scratch !== null) task.note("reading the unchanged image for its bill of materials");
    const read = tree ?? (await treeOfImage(source, image, scratch ?? "", kiln.signal));
    const { descriptor } = image;
    const opened = { tree: read, config: image.config, image: { descriptor, source } };
    return JSON.stringify(await sbomOf(opened, { name, lock, version }));
  } finally {
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }
}

function provenanceOf({ plan, image, lock, tools }: BuiltImage, name: string, { builder }: AttestOptions) {
  const definition = plan.entries.flatMap((entry) =>
    entry.type === "file" ? [{ name: entry.path, sha256: entry.digest }] : [],
  );
  return imageProvenance(
    { name, digest: image.descriptor.digest },
    { lock, tools, definition },
    {
      parameters: {
        name: plan.name,
        version: plan.version,
        architecture: plan.architecture,
        backend: plan.boot.backend,
      },
      builder,
    },
  );
}
