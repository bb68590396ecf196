import { Failure } from "../base/failure.ts";
import { suite } from "../debian/suite.ts";
import type { Rebuild } from "../environment/variation.ts";
import type { Step } from "./step.ts";
import type { BuildRequest, Wanted } from "./request.ts";

/** The version of the packages: the source's own, or what a changelog entry makes of it. */
export function versionOf({ source, variation }: Pick<BuildRequest, "source" | "variation">): string {
  const { version } = source.package;
  const rebuild = variation?.rebuild;
  if (rebuild === undefined) return version;
  return `${version}${rebuild.suffix ?? ""}${rebuild.number === null ? "" : `+b${rebuild.number}`}`;
}

/**
 * What a binary-only rebuild can give: never a source package, and in a binNMU nothing for all architectures, for those of
 * other architectures would collide with it. @throws Failure nothing-to-build (usage).
 */
export function rebuildable(rebuild: Rebuild, wanted: Wanted): Wanted {
  const possible = { any: wanted.any, all: wanted.all && rebuild.number === null, source: false };
  if (possible.any || possible.all) return possible;
  throw new Failure(
    "usage",
    "nothing-to-build",
    "A binNMU is of architecture-dependent packages only, and these are not asked for",
    { hint: "Leave out -A; to give all packages another version, use --append-to-version." },
  );
}

/** Puts the entry before the source's own. In the container, which has dpkg's parser: the tree is nobody's to trust. */
export function entryStep(request: BuildRequest, rebuild: Rebuild, tree: string): Step {
  const { host = request.target.architecture } = request;
  const { name } = request.source.package;
  const { date } = rebuild;
  const head = `${name} (${versionOf(request)}) ${distributionOf(request)}; urgency=low, binary-only=yes`;
  const argv = [
    "sh",
    "-c",
    script,
    "sh",
    `${head}\n\n${linesOf(rebuild, host)}`,
    rebuild.maintainer,
    date === "increment" ? "" : String(date),
    String(rebuild.number ?? 1),
  ];
  return { phase: "unpack", title: "Add a changelog entry", argv, directory: tree };
}

function linesOf({ number, text }: Rebuild, architecture: string): string {
  const first =
    number === null ? [] : [`Binary-only non-maintainer upload for ${architecture}; no source changes.`];
  return [...first, ...text.split("\n")]
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `  * ${line}`)
    .join("\n");
}

/** As uploads name it: Debian's archive knows sid as unstable. */
function distributionOf({ target }: BuildRequest): string {
  const { base } = suite(target.suite, { custom: true });
  return target.suite === "sid" || (base === "sid" && target.suite === "unstable")
    ? "unstable"
    : target.suite;
}

const script = `
set -e
when=$3
[ -n "$when" ] || when=$(($(dpkg-parsechangelog -STimestamp) + $4))
date=$(date -u -R -d "@$when")
entry=$(mktemp)
{ printf '%s\\n\\n -- %s  %s\\n\\n' "$1" "$2" "$date"; cat debian/changelog; } > "$entry"
cat "$entry" > debian/changelog
rm "$entry"
dpkg-parsechangelog`;
