import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../base/digest.ts";
import { type Field, formatDeb822, parseStanza } from "../debian/deb822.ts";
import type { Artifact } from "./result.ts";

/**
 * Of a build's .changes what is about the source only, as `dpkg-genchanges --build=source` would write it: for an upload that
 * has the archive's builders make the binaries. Pure. @throws Failure bad-control-data (package).
 */
export function sourceOnlyChanges(text: string, origin: string): string {
  return formatDeb822([parseStanza(text, origin).fields().flatMap(sourceField)]);
}

/** Leaves the source-only .changes beside a build's own, if it made a source package. Gives all artifacts. */
export async function addSourceChanges(
  directory: string,
  stem: string,
  artifacts: readonly Artifact[],
): Promise<readonly Artifact[]> {
  const changes = artifacts.find(({ kind }) => kind === "changes");
  const name = `${stem}_source.changes`;
  if (changes === undefined || changes.name === name || !artifacts.some(({ kind }) => kind === "dsc"))
    return artifacts;
  const text = sourceOnlyChanges(await readFile(join(directory, changes.name), "utf8"), changes.name);
  const path = join(directory, name);
  await writeFile(path, text, { flag: "wx" });
  const bytes = Buffer.from(text);
  const added: Artifact = { name, path, sizeBytes: bytes.length, sha256: digestOf(bytes), kind: "changes" };
  return [...artifacts, added].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const lists = ["checksums-sha1", "checksums-sha256", "files"];
const aboutBinaries = ["binary", "description", "built-for-profiles"];

function sourceField([name, value]: Field): Field[] {
  const known = name.toLowerCase();
  if (known === "architecture") return [[name, "source"]];
  if (aboutBinaries.includes(known)) return [];
  if (!lists.includes(known)) return [[name, value]];
  const lines = value.split("\n").filter((line) => line === "" || !/\.(u|d)?deb$/.test(line));
  return [[name, lines.join("\n")]];
}
