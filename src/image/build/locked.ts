import type { Digest } from "../../base/digest.ts";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Archive } from "../../environment/archive.ts";
import { type LockedInput, openLockedInput } from "../../environment/bundle.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { bringBase } from "../../environment/locked-base.ts";
import { downloadLocked } from "../../environment/locked-download.ts";
import type { LockedSet } from "../../environment/locked-plan.ts";
import type { ImagePlan, LocalFile } from "../plan.ts";

/** What an image is built from when its definition names a lock. */
export interface OpenedLock {
  /** Finds what the lock names beside it, and asks no archive what there is. */
  readonly kiln: Kiln;
  readonly set: LockedSet;
  /** What makes its unified kernel image; null when the lock says nothing of that. */
  readonly tools: LockedSet | null;
}

/**
 * Opens the lock of a definition, with its base in the engine. A lock file in a directory that `debkiln fetch` made has
 * everything beside it. Packages that the definition names and the lock has not are told in a warning: others may provide
 * them, and no archive is asked.
 * @throws Failure bad-lock (usage), and what `openLockedInput` and `bringBase` raise.
 */
export async function openLock(
  kiln: Kiln,
  file: LocalFile,
  { plan, archive }: { readonly plan: ImagePlan; readonly archive: Archive },
  task: Task,
): Promise<OpenedLock> {
  const input = await openLockedInput(file.path);
  checkLock(input, plan);
  const missing = missingFrom(input, plan);
  if (missing.length > 0)
    task.warn(
      `The lock has no package ${missing.join(", ")}, which the definition names`,
      "Write it anew: leave lock out once, and build with --write-lock.",
    );
  const mirrors = [...new Set(archive.main?.flatMap(({ uris }) => uris))];
  const locked = {
    ...kiln,
    nearby: (digest: Digest) => input.find(digest),
    download: downloadLocked({ download: kiln.download, offline: false, mirrors }),
    freshness: { ...kiln.freshness, frozen: true },
  };
  await bringBase(locked, input, task);
  const { lock, base, tools } = input.lockFile;
  return {
    kiln: locked,
    set: { lock, basePackages: base },
    tools: tools === undefined ? null : { lock: tools, basePackages: base },
  };
}

function checkLock({ lockFile, origin }: LockedInput, { architecture, target, name }: ImagePlan): void {
  const { lock, build } = lockFile;
  const wrong =
    build !== null
      ? "it is the lock of a package's build"
      : lock.architecture !== architecture
        ? `it is for ${lock.architecture}, and the image for ${architecture}`
        : lock.suite !== target.suite
          ? `it is of ${lock.suite}, and the image of ${target.suite}`
          : null;
  if (wrong === null) return;
  throw new Failure("usage", "bad-lock", `${origin} does not fit the image ${name}: ${wrong}`, {
    hint: "Write one with `debkiln image build --write-lock`, for each architecture and suite its own.",
  });
}

function missingFrom({ lockFile }: LockedInput, { packages }: ImagePlan): readonly string[] {
  const names = new Set(lockFile.lock.packages.map(({ name }) => name));
  return Object.keys(packages.reasons)
    .filter((name) => !names.has(name))
    .toSorted();
}
