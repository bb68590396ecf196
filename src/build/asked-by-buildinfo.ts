import { Failure } from "../base/failure.ts";
import { parseBinaryOnlyEntry } from "../debian/binary-only-entry.ts";
import type { Buildinfo } from "../debian/buildinfo.ts";
import { words } from "../debian/field.ts";
import type { LockFile } from "../environment/lock-file.ts";
import type { Rebuild } from "../environment/variation.ts";
import { rebuildable } from "./binary-rebuild.ts";

/**
 * The rebuild that a .buildinfo is of, by the changelog entry in it; null when it is of the source's own version. The entry must be
 * of that source and version, for it decides what comes out. @throws Failure bad-changelog, bad-version (package).
 */
export function rebuildOfBuildinfo(buildinfo: Buildinfo, path: string): Rebuild | null {
  const { source, version, sourceVersion, binaryOnlyChanges } = buildinfo;
  if (binaryOnlyChanges === null) {
    if (version === sourceVersion) return null;
    throw bad(
      `${path} is of ${version}, made of ${sourceVersion}, and has no Binary-Only-Changes to make that by`,
    );
  }
  const entry = parseBinaryOnlyEntry(binaryOnlyChanges, `${path}: Binary-Only-Changes`);
  if (entry.source !== source || entry.version !== version)
    throw bad(
      `${path} is of ${source} ${version}, but its Binary-Only-Changes of ${entry.source} ${entry.version}`,
    );
  if (version === sourceVersion)
    throw bad(`${path} does not say in Source of which version ${version} is a rebuild`);
  return { entry: entry.text };
}

/** What the builder had been asked for, by what the .buildinfo keeps. @throws Failure nothing-to-build (usage). */
export function askedFor(
  { architectures, environment }: Buildinfo,
  rebuild: Rebuild | null,
): NonNullable<LockFile["build"]> {
  const options = words(environment["DEB_BUILD_OPTIONS"] ?? "");
  const wanted = {
    any: architectures.some((each) => each !== "all" && each !== "source"),
    all: architectures.includes("all"),
    source: architectures.includes("source"),
  };
  return {
    wanted: rebuild === null ? wanted : rebuildable(rebuild, wanted),
    profiles: words(environment["DEB_BUILD_PROFILES"] ?? ""),
    buildOptions: options.filter((word) => !word.startsWith("parallel=")),
    ...(rebuild === null ? {} : { variation: { rebuild } }),
  };
}

function bad(message: string): Failure {
  return new Failure("package", "bad-changelog", message, {
    hint: "Source, Version and Binary-Only-Changes are to agree, as deb-buildinfo(5) has them.",
  });
}
