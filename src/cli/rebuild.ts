import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { build } from "../build/build.ts";
import { type FileComparison, compareFiles } from "../build/compare-files.ts";
import type { BuildOutcome } from "../build/conclude.ts";
import { rebuildOfBuildinfo } from "../build/asked-by-buildinfo.ts";
import { type BuildinfoRequest, jobsOf, lockOfBuildinfo } from "../build/lock-of-buildinfo.ts";
import { openSource } from "../build/open-source.ts";
import type { BuildRequest } from "../build/request.ts";
import { identifySource } from "../build/source/identify.ts";
import { type Buildinfo, parseBuildinfo } from "../debian/buildinfo.ts";
import { parseVersion } from "../debian/version.ts";
import { buildDirectory } from "../environment/builder.ts";
import type { LockedInput } from "../environment/bundle.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { LockFile } from "../environment/lock-file.ts";
import { placeOf } from "./build-request.ts";
import { type CheckFlags, checksOf } from "./checks.ts";
import { withKiln } from "./kiln.ts";
import { lockedRequest } from "./locked.ts";
import { type ProofFlags, attestationsOf } from "./proof.ts";
import { comparisonText } from "./render/comparison.ts";
import type { Session } from "./session.ts";
import { policyOf } from "./source-flags.ts";
import type { TargetFlags } from "./target.ts";
import { version } from "./version.ts";

/** What the flags say of a rebuild. */
export interface RebuildFlags extends TargetFlags, CheckFlags, ProofFlags {
  readonly dsc?: string | undefined;
  readonly "allow-newer"?: boolean | undefined;
}

/** Builds again what a .buildinfo says somebody has built, and shows which files came out the same. */
export async function rebuildBuildinfo(session: Session, file: string, flags: RebuildFlags): Promise<void> {
  const read = await readBuildinfo(resolve(file));
  const { buildinfo } = read;
  await withKiln(session, async (kiln) => {
    const lockFile = await lockFromBuildinfo(kiln, session, read, flags);
    const request = await lockedRequest(kiln, session, lockInMemory(file, lockFile), wordsFor(flags));
    warnOfPath(session, buildinfo);
    const again = { ...request, jobs: request.jobs ?? jobsOf(buildinfo) };
    const outcome = await run(kiln, session, again, flags);
    const expected = buildinfo.files.map(({ name, sha256 }) => ({
      name,
      sha256: `sha256:${sha256}` as const,
    }));
    conclude(session, outcome, compareFiles(expected, builtFiles(outcome)), file);
  });
}

/** The lock of what a .buildinfo says, for the target that the flags name. */
export async function lockFromBuildinfo(
  kiln: Kiln,
  session: Session,
  read: ReadBuildinfo,
  flags: RebuildFlags,
): Promise<LockFile> {
  const arch = flags.arch ?? read.buildinfo.buildArchitecture ?? undefined;
  const place = await placeOf({ ...flags, arch }, session.settings, null);
  const named = flags.dsc === undefined ? null : await identifySource(flags.dsc, process.cwd());
  const source =
    named === null
      ? null
      : await openSource(kiln, named, {
          place: () => Promise.resolve(place),
          policy: policyOf(session.settings, {}),
          originals: "unwanted",
          task: session.task,
        });
  const newer = flags["allow-newer"] === true ? "allowed" : "refused";
  return lockOfBuildinfo(
    kiln,
    { ...read, ...place, sourceFiles: source?.files ?? null, newer },
    session.task,
  );
}

/** A .buildinfo, and the binary-only rebuild that it is of; null for a build of the source's own version. */
export type ReadBuildinfo = Pick<BuildinfoRequest, "buildinfo" | "rebuild">;

/** Reads a .buildinfo. @throws Failure buildinfo-missing (usage), what `parseBuildinfo` and `rebuildOfBuildinfo` raise. */
export async function readBuildinfo(path: string): Promise<ReadBuildinfo> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("usage", "buildinfo-missing", `Cannot read ${path}: ${reason}`, {
      hint: "Name a .buildinfo file, such as a build leaves with its results.",
      cause,
    });
  });
  const buildinfo = parseBuildinfo(text, path);
  return { buildinfo, rebuild: rebuildOfBuildinfo(buildinfo, path) };
}

function lockInMemory(origin: string, lockFile: LockFile): LockedInput {
  return { lockFile, origin, find: () => Promise.resolve(null), base: () => Promise.resolve(null) };
}

function wordsFor({ dsc }: RebuildFlags): readonly string[] {
  return dsc === undefined ? [] : [dsc];
}

/** Paths end in packages that are not built with care; ours is that of Debian's builders, without the random part of older ones. */
function warnOfPath({ task }: Session, { buildPath, source, sourceVersion }: Buildinfo): void {
  const ours = `${buildDirectory}/${source}-${parseVersion(sourceVersion).upstream}`;
  if (buildPath === null || buildPath === ours) return;
  task.warn(
    `It was built in ${buildPath}, and is rebuilt in ${ours}`,
    "A package that has its build path in it comes out different.",
  );
}

/** Builds, with the checks and proofs that were named; a failed build has nothing to compare. */
export async function run(
  kiln: Kiln,
  session: Session,
  request: BuildRequest,
  flags: CheckFlags & ProofFlags,
): Promise<BuildOutcome> {
  const checks = checksOf(session.settings, { ...flags, checked: "named" });
  const attestations = attestationsOf(session, flags);
  const wanted = { ...request, checks, attestations };
  const outcome = await build(kiln, wanted, { report: session.report, version: version() });
  if (outcome.failure !== null) throw outcome.failure;
  return outcome;
}

/** What of a build is compared: packages, and the .dsc if one was made. */
export function builtFiles({ result }: BuildOutcome) {
  return result.artifacts.filter(({ kind }) => ["deb", "udeb", "ddeb", "dsc"].includes(kind));
}

/**
 * Shows the comparison. @throws Failure not-reproduced (package) unless every file came out the same, and what a check raises that
 * is required.
 */
export function conclude(
  session: Session,
  outcome: BuildOutcome,
  files: readonly FileComparison[],
  against: string,
): void {
  session.result(comparisonText(outcome, files), {
    directory: outcome.directory,
    files,
    checks: outcome.result.checks,
  });
  const failed = files.filter(({ verdict }) => verdict === "different" || verdict === "missing");
  if (failed.length === 0) {
    if (outcome.unmet !== null) throw outcome.unmet;
    return;
  }
  const { name, version: its } = outcome.result.source;
  throw new Failure(
    "package",
    "not-reproduced",
    `${failed.length} of ${files.length} files of ${name} ${its} are not those of ${against}`,
    {
      hint: "diffoscope(1) tells where two packages differ; the results are kept.",
      details: { files },
    },
  );
}
