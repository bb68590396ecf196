import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DigestText } from "../base/digest.ts";
import type { Failure } from "../base/failure.ts";
import { Resources } from "../base/resources.ts";
import { NamedPlace } from "../environment/named/place.ts";
import { ProvisionsRecord } from "../environment/provisions.ts";
import { CheckOutcome } from "./check/outcome.ts";
import { HookOutcome } from "./hook/hook.ts";
import { PluginOutcome } from "./plugin/outcome.ts";
import { CacheUse } from "./compiler-cache.ts";

/** A file that a build gave. */
export const Artifact = z
  .strictObject({
    name: z.string(),
    /** Where it lies: absolute. */
    path: z.string(),
    sizeBytes: z.int().nonnegative(),
    sha256: DigestText,
    kind: z.enum(["deb", "udeb", "ddeb", "dsc", "changes", "buildinfo", "tarball", "other"]),
  })
  .readonly();
export type Artifact = z.infer<typeof Artifact>;

/** Where the time went. */
const Phase = z
  .strictObject({
    name: z.string(),
    /** Wall time. */
    seconds: z.number().nonnegative(),
    /** What its commands took in the build's container; null when nothing was measured. */
    resources: Resources.nullable(),
  })
  .readonly();

/** What failed, and when. `fault` and `code` are those of the Failure. */
export const FailureRecord = z
  .strictObject({
    fault: z.enum(["usage", "package", "dependency", "infrastructure", "internal", "interrupted"]),
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    phase: z.string(),
  })
  .readonly();
export type FailureRecord = z.infer<typeof FailureRecord>;

/** What came of one build: the content of `result.json`. */
export const BuildResult = z
  .strictObject({
    schema: z.literal(1),
    status: z.enum(["successful", "failed", "interrupted"]),
    /** Null when successful. */
    failure: FailureRecord.nullable(),
    source: z.strictObject({ name: z.string(), version: z.string() }).readonly(),
    /** The target's name, such as `debian-trixie-amd64`. */
    target: z.string(),
    suite: z.string(),
    architectures: z.strictObject({ build: z.string(), host: z.string() }).readonly(),
    /** Of the lock that the environment was made from; null when it never came to one. */
    lock: DigestText.nullable(),
    /** Of the environment image; null when it never came to one. */
    environment: DigestText.nullable(),
    /** The named environment that it was built in, with its image's id; absent where it was none. */
    named: NamedPlace.optional(),
    /** What the build's container had beside its environment, by its user's word; absent for nothing. */
    provisions: ProvisionsRecord.optional(),
    engine: z
      .strictObject({
        kind: z.enum(["podman", "docker"]),
        version: z.string(),
        rootless: z.boolean(),
        storageDriver: z.string(),
      })
      .readonly()
      .nullable(),
    phases: z.array(Phase).readonly(),
    /** What it had of its compiler cache; null when it had none, or ccache did not tell. */
    ccache: CacheUse.nullable(),
    artifacts: z.array(Artifact).readonly(),
    /** What came of the checks of the results, in the order in which they ran. */
    checks: z.array(CheckOutcome).readonly(),
    /** The user's hooks that ran until then, in their order. */
    hooks: z.array(HookOutcome).readonly(),
    /** What the user's plugins gave. */
    plugins: z.array(PluginOutcome).readonly(),
    /** ISO 8601 in UTC. */
    started: z.iso.datetime(),
    finished: z.iso.datetime(),
    /** Seconds since the epoch that the build had as SOURCE_DATE_EPOCH; null when it was not set. */
    sourceDateEpoch: z.int().nullable(),
  })
  .readonly();
export type BuildResult = z.infer<typeof BuildResult>;

/** A failure as records have it. */
export function failureRecord({ fault, code, message, hint }: Failure, phase: string): FailureRecord {
  return { fault, code, message, hint: hint ?? null, phase };
}

/** Writes `result.json` into a directory; gives its path. */
export async function writeResult(directory: string, result: BuildResult): Promise<string> {
  const path = join(directory, "result.json");
  await writeFile(path, `${JSON.stringify(BuildResult.parse(result), null, 2)}\n`);
  return path;
}

/** What kind of result a file is, by its name (deb(5), dsc(5), deb-changes(5), deb-buildinfo(5)). */
export function artifactKind(name: string): Artifact["kind"] {
  return kindsByEnding.find(([ending]) => ending.test(name))?.[1] ?? "other";
}

const kindsByEnding: readonly (readonly [RegExp, Artifact["kind"]])[] = [
  // Debug symbol packages are `-dbgsym` .debs in Debian and .ddebs in Ubuntu.
  [/\.ddeb$/, "ddeb"],
  [/\.deb$/, "deb"],
  [/\.udeb$/, "udeb"],
  [/\.dsc$/, "dsc"],
  [/\.changes$/, "changes"],
  [/\.buildinfo$/, "buildinfo"],
  [/(\.tar|\.diff)\.[a-z0-9]+(\.asc)?$/, "tarball"],
];
