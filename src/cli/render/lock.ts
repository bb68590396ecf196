import { relative } from "node:path";
import { counted } from "../../base/counted.ts";
import { printableLine } from "../../base/printable.ts";
import { formatSize } from "../../base/size.ts";
import { rebuiltVersion } from "../../build/binary-rebuild.ts";
import type { Fetched } from "../../environment/fetch-locked.ts";
import { type LockFile, packagesBeyondBase } from "../../environment/lock-file.ts";

/** A lock for people: what it is of, and how much it names. */
export function lockText(path: string, lockFile: LockFile): string {
  const { lock, source, build } = lockFile;
  const rebuild = build?.variation?.rebuild;
  const beyond = packagesBeyondBase(lockFile);
  const bytes = beyond.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const files = source?.files.length ?? 0;
  return lines([
    `${placeOf(path)}: ${source === null ? "" : `${source.name} ${source.version} `}for ${lock.suite} ${lock.architecture}`,
    ...(rebuild === undefined || source === null
      ? []
      : [`  its packages are rebuilt as ${rebuiltVersion(source.version, rebuild)}`]),
    `  base ${lock.base}, ${lockFile.base.length} packages`,
    `  ${counted(beyond.length, "package")} beyond it, ${formatSize(bytes)}`,
    `  ${files === 0 ? "the source is a tree, which is not in it" : counted(files, "source file")}`,
  ]);
}

/** What was fetched, for people. */
export function fetchedText(
  { path, packages, sourceFiles, sizeBytes }: Fetched,
  { build }: LockFile,
): string {
  return lines([
    `${placeOf(path)}: ${packages} packages, ${sourceFiles} source files and the base image, ${formatSize(sizeBytes)}`,
    build === null ? imageHint(path) : `  debkiln build --locked ${placeOf(path)} --offline`,
  ]);
}

/** A definition names files, not directories. */
function imageHint(path: string): string {
  return path.endsWith(".tar")
    ? `  lock = "${placeOf(path)}" under [debian] of the image's definition`
    : "  for an image's definition, fetch into an archive: -o NAME.tar";
}

function placeOf(path: string): string {
  return relative(process.cwd(), path) || ".";
}

function lines(texts: readonly string[]): string {
  return texts
    .map((text) => `${text.startsWith("  ") ? "  " : ""}${printableLine(text.trimStart())}\n`)
    .join("");
}
