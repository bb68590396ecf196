import { canonicalJson } from "../base/digest.ts";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildRecord, NamedFile } from "../attestation/build-record.ts";
import { buildSbom } from "../attestation/build-sbom.ts";
import { anonymousBuilder, buildProvenance } from "../attestation/provenance.ts";
import { SpdxDocument } from "../attestation/spdx.ts";
import { ProvenanceStatement } from "../attestation/statement.ts";
import type { LockFile } from "../environment/lock-file.ts";
import { hookPoints } from "./hook/point.ts";
import type { BuildResult } from "./result.ts";

/** Which proofs a build leaves with its results. */
export interface Attestations {
  readonly sbom: boolean;
  readonly provenance: boolean;
  /** The URI that names who builds; null when its owner gave it none. */
  readonly builder: string | null;
  /** debkiln's version. */
  readonly version: string;
}

/** The names of a build's proofs, by the name of its .changes without the ending. */
export const sbomName = (name: string): string => `${name}.spdx.json`;
export const provenanceName = (name: string): string => `${name}.provenance.json`;

/**
 * Writes a build's bill of materials and provenance into a directory, made of its result and lock alone: from the same
 * they come to the same bytes. Gives the names of what was written.
 */
export async function writeAttestations(
  directory: string,
  { result, lockFile }: { readonly result: BuildResult; readonly lockFile: LockFile },
  wanted: Attestations,
): Promise<readonly string[]> {
  const name = stemOf(result);
  const record = recordOf(result, lockFile);
  const written: string[] = [];
  const write = async (file: string, value: unknown) => {
    await writeFile(join(directory, file), `${JSON.stringify(value, null, 2)}\n`);
    written.push(file);
  };
  if (wanted.sbom) {
    const making = { epoch: result.sourceDateEpoch ?? 0, version: wanted.version };
    await write(sbomName(name), SpdxDocument.parse(buildSbom(record, name, making)));
  }
  if (wanted.provenance) {
    const builder = { id: wanted.builder ?? anonymousBuilder, version: versionsOf(result, wanted) };
    const statement = buildProvenance(record, { parameters: parametersOf(result, lockFile), builder });
    await write(provenanceName(name), ProvenanceStatement.parse(statement));
  }
  return written;
}

/** As the .changes is named. */
function stemOf({ artifacts }: BuildResult): string {
  const changes = artifacts.find(({ kind }) => kind === "changes");
  return (changes?.name ?? "build.changes").replace(/\.changes$/, "");
}

/**
 * A tree's source is the source package that was made of it, if one was. The .buildinfo and the .changes, which lists it,
 * are no products: they have the time of the build in them.
 */
function recordOf({ source, artifacts: all }: BuildResult, { lock, source: locked }: LockFile): BuildRecord {
  const artifacts = all.filter(({ kind }) => kind !== "changes" && kind !== "buildinfo");
  const made = artifacts.filter(({ kind }) => kind === "dsc" || kind === "tarball");
  const known: readonly NamedFile[] = locked?.files ?? [];
  const files = (known.length > 0 ? known : made).map(({ name, sha256 }) => ({ name, sha256 }));
  return {
    source: { ...source, files },
    lock,
    artifacts: artifacts.map(({ name, sha256 }) => ({ name, sha256 })),
  };
}

function parametersOf({ target, hooks }: BuildResult, { build }: LockFile) {
  const { any = false, all = false, source = false } = build?.wanted ?? {};
  const binaries = [...(any ? ["any"] : []), ...(all ? ["all"] : []), ...(source ? ["source"] : [])];
  const changing = hooks.filter(({ point }) => hookPoints[point].changes);
  return {
    target,
    wanted: binaries,
    profiles: build?.profiles ?? [],
    buildOptions: build?.buildOptions ?? [],
    ...(build?.host === undefined ? {} : { host: build.host }),
    ...(build?.named === undefined ? {} : { named: canonicalJson(build.named) }),
    ...(build?.provisions === undefined ? {} : { provisions: canonicalJson(build.provisions) }),
    ...(build?.variation === undefined ? {} : { variation: canonicalJson(build.variation) }),
    // Their commands are the user's own business, but not that they took part.
    ...(changing.length === 0 ? {} : { hooks: changing.map(({ name, point }) => `${name} at ${point}`) }),
  };
}

function versionsOf({ engine }: BuildResult, { version }: Attestations): Record<string, string> {
  return { debkiln: version, ...(engine === null ? {} : { [engine.kind]: engine.version }) };
}
