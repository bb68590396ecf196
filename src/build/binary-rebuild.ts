import { Failure } from "../base/failure.ts";
import { parseBinaryOnlyEntry } from "../debian/binary-only-entry.ts";
import type { SourcePackage } from "../debian/source-package.ts";
import type { Rebuild } from "../environment/variation.ts";
import { type Rebuilt, rebuildEntry } from "./rebuild-entry.ts";
import type { BuildRequest, Wanted } from "./request.ts";
import type { Step } from "./step.ts";

/** The version of the packages: the source's own, or what a changelog entry makes of it. */
export function versionOf({ source, variation }: Pick<BuildRequest, "source" | "variation">): string {
  const { version } = source.package;
  return variation?.rebuild === undefined ? version : rebuiltVersion(version, variation.rebuild);
}

/** The version that a rebuild gives the packages of a source of this version. */
export function rebuiltVersion(version: string, rebuild: Rebuild): string {
  if ("entry" in rebuild) return parseBinaryOnlyEntry(rebuild.entry, "the changelog's new entry").version;
  return `${version}${rebuild.suffix ?? ""}${rebuild.number === null ? "" : `+b${rebuild.number}`}`;
}

/**
 * What a binary-only rebuild can give: never a source package, and in a binNMU of one's own nothing for all architectures, for those
 * of other architectures would collide with it. @throws Failure nothing-to-build (usage).
 */
export function rebuildable(rebuild: Rebuild, wanted: Wanted): Wanted {
  const isBinNmu = "number" in rebuild && rebuild.number !== null;
  const possible = { any: wanted.any, all: wanted.all && !isBinNmu, source: false };
  if (possible.any || possible.all) return possible;
  throw isBinNmu
    ? new Failure(
        "usage",
        "nothing-to-build",
        "A binNMU is of architecture-dependent packages only, and these are not asked for",
        { hint: "Leave out -A; to give all packages another version, use --append-to-version." },
      )
    : new Failure("usage", "nothing-to-build", "A binary-only rebuild gives no source package", {
        hint: "Ask for packages too.",
      });
}

/** An entry that was given whole must make another version of this source, not of another. @throws Failure bad-changelog (usage). */
export function requireOwnEntry(
  rebuild: Rebuild,
  { name, version }: Pick<SourcePackage, "name" | "version">,
): void {
  if (!("entry" in rebuild)) return;
  const entry = parseBinaryOnlyEntry(rebuild.entry, "the changelog's new entry");
  if (entry.source === name && entry.version !== version) return;
  throw new Failure(
    "usage",
    "bad-changelog",
    `The changelog's new entry is of ${entry.source} ${entry.version}, and the source is ${name} ${version}`,
    { hint: `It is to be of ${name} and of a version beyond that, such as ${version}+b1.` },
  );
}

/** Puts the entry before the source's own. In the container, which has dpkg's parser: the tree is nobody's to trust. */
export function entryStep(rebuild: Rebuild, rebuilt: Rebuilt, tree: string): Step {
  const { text, secondsLater } = rebuildEntry(rebuild, rebuilt);
  const argv = ["sh", "-c", script, "sh", text, secondsLater === null ? "" : String(secondsLater)];
  return { phase: "unpack", title: "Add a changelog entry", argv, directory: tree };
}

const script = `
set -e
entry=$1
if [ -n "$2" ]; then
  when=$(($(dpkg-parsechangelog -STimestamp) + $2))
  entry="$entry  $(date -u -R -d "@$when")"
fi
whole=$(mktemp)
{ printf '%s\\n\\n' "$entry"; cat debian/changelog; } > "$whole"
cat "$whole" > debian/changelog
rm "$whole"
dpkg-parsechangelog`;
