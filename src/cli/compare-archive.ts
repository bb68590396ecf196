import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { binaryPackageOf } from "../attestation/build-record.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { type FileComparison, compareFiles } from "../build/compare-files.ts";
import type { BuildOutcome } from "../build/conclude.ts";
import type { BuildRequest } from "../build/request.ts";
import { identifySource } from "../build/source/identify.ts";
import { ensureBase } from "../environment/base.ts";
import { buildRecipe } from "../environment/base-recipe.ts";
import { findVersions } from "../environment/exact-versions.ts";
import { fetchPackages } from "../environment/fetch.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { LockedPackage } from "../environment/lock.ts";
import { currentReleases } from "../environment/releases.ts";
import { binariesOf, buildRequest } from "./build-request.ts";
import type { CheckFlags } from "./checks.ts";
import { withKiln } from "./kiln.ts";
import type { ProofFlags } from "./proof.ts";
import { builtFiles, conclude, run } from "./rebuild.ts";
import type { Session } from "./session.ts";
import type { TargetFlags } from "./target.ts";

/**
 * Builds a source and compares its packages with those that the archive has of the same versions. The archive's are put
 * beside the results where they differ.
 */
export async function compareWithArchive(
  session: Session,
  word: string,
  flags: TargetFlags & CheckFlags & ProofFlags,
): Promise<void> {
  const named = await identifySource(word, process.cwd());
  await withKiln(session, async (kiln) => {
    const request = await buildRequest(kiln, session, named, flags, binariesOf({}));
    const outcome = await run(kiln, session, request, flags);
    const theirs = await archivesOwn(kiln, session, request, outcome);
    const expected = theirs.map((each) => ({ name: fileNameOf(each), sha256: each.sha256 }));
    const files = compareFiles(expected, builtFiles(outcome));
    await keepTheirs(kiln, session, outcome, { files, theirs });
    conclude(session, outcome, files, "the archive");
  });
}

/** What the archive has of what was built, by name, version and architecture. */
async function archivesOwn(
  kiln: Kiln,
  { task }: Session,
  { target, archive }: BuildRequest,
  { result }: BuildOutcome,
): Promise<readonly LockedPackage[]> {
  const packages = result.artifacts.flatMap((each) => binaryPackageOf(each, result.source) ?? []);
  const { base, releases } = await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
  const all = [...releases, ...(await currentReleases(kiln, archive.extra))];
  const indices = { target, base, releases: all, extra: archive.extra, task };
  return (await findVersions(kiln, indices, packages)).found;
}

async function keepTheirs(
  kiln: Kiln,
  { task }: Session,
  { directory }: BuildOutcome,
  { files, theirs }: { readonly files: readonly FileComparison[]; readonly theirs: readonly LockedPackage[] },
): Promise<void> {
  const place = `${directory}.archive`;
  await rm(place, { recursive: true, force: true });
  const different = new Set(files.flatMap(({ name, verdict }) => (verdict === "different" ? [name] : [])));
  const wanted = theirs.filter((each) => different.has(fileNameOf(each)));
  if (wanted.length === 0) return;
  await fetchPackages(kiln, wanted, task);
  await makeDirectory(place);
  for (const each of wanted) await copyFile(kiln.store.blobPath(each.sha256), join(place, fileNameOf(each)));
  task.note(`the archive's packages that differ are in ${place}`);
}

/** As builds name packages: without the epoch (dpkg-name(1)). */
function fileNameOf({ name, version, architecture }: LockedPackage): string {
  return `${name}_${version.replace(/^\d+:/, "")}_${architecture}.deb`;
}
