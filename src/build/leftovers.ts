import { buildDirectory, builder } from "../environment/builder.ts";

const places = ["/tmp", "/var/tmp", "/run/lock", "/dev/shm", buildDirectory];
const longestList = 16 * 1024;

/** sh(1) that prints on one line, in base64, what the user who builds owns at the top of every place that it can write to. */
export const listLeftovers = `find ${places.join(" ")} -mindepth 1 -maxdepth 1 -user ${builder.uid} 2> /dev/null | head -c ${longestList} | base64 -w 0; echo`;

/** Reads that line. What a build calls its files may be anything, line feeds included. */
export function parseLeftovers(line: string): readonly string[] {
  const text = Buffer.from(line, "base64").toString("utf8");
  return text.split("\n").filter((path) => places.some((place) => path.startsWith(`${place}/`)));
}

/** What of it a build has no business with: all but its tree, what was put beside that, and its results. */
export function strayFiles(
  leftovers: readonly string[],
  known: { readonly tree: string; readonly names: readonly string[] },
): readonly string[] {
  const expected = new Set([known.tree, ...known.names].map((name) => `${buildDirectory}/${name}`));
  return leftovers.filter((path) => !expected.has(path)).toSorted();
}

/** The warning about them; null when there are none. */
export function strayWarning(
  stray: readonly string[],
): { readonly message: string; readonly hint: string } | null {
  if (stray.length === 0) return null;
  const shown = stray.slice(0, longestWarning).map((path) => path.slice(0, 200));
  const more = stray.length > shown.length ? ` and ${stray.length - shown.length} more` : "";
  return {
    message: `The build left files outside its tree: ${shown.join(", ")}${more}`,
    hint: "They are gone with its container; elsewhere they stay, and two builds at once may share them.",
  };
}

const longestWarning = 5;
