import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import type { Container } from "../engine/engine.ts";
import { capture } from "./capture.ts";
import type { Kiln } from "./kiln.ts";
import type { Target } from "./target.ts";

/** A source package that apt was asked for and has not. */
export interface MissingSource {
  readonly name: string;
  readonly version: string | null;
  readonly target: Target;
  /** What apt said. */
  readonly output: string;
}

/** What the archive has in its place. */
export interface Instead {
  /** Its source packages of that name, or those that build a binary package of that name. */
  readonly known: readonly { readonly source: string; readonly version: string }[];
  /** The names of all its source packages; asked for only where the others are none. */
  readonly names: readonly string[];
}

/** The failure of a source that the archive has not, with what was meant: another version, the source of a binary package, another name. */
export async function sourceMissing(
  kiln: Kiln,
  container: Container,
  missing: MissingSource,
): Promise<Failure> {
  const shown = await capture(kiln, container, ["apt-cache", "showsrc", missing.name]);
  const known = shown.exitCode === 0 ? sourcesIn(shown.output) : [];
  const names = known.length > 0 ? [] : await sourceNames(kiln, container);
  return missingFailure(missing, { known, names });
}

export function missingFailure({ name, version, target, output }: MissingSource, instead: Instead): Failure {
  const spec = version === null ? name : `${name}=${version}`;
  return new Failure(
    "usage",
    "source-not-found",
    `There is no source package ${spec} in ${target.suite} (${target.components.join(", ")})`,
    { hint: hintFor(name, instead), details: { output } },
  );
}

function hintFor(name: string, { known, names }: Instead): string {
  const own = known.filter(({ source }) => source === name);
  if (own.length > 0)
    return `There is ${[...new Set(own.map(({ version }) => `${name}=${version}`))].join(", ")}.`;
  const [other] = known;
  if (other !== undefined) return `${name} is a binary package of the source ${other.source}: name that.`;
  const near = nearest(name, names);
  if (near !== null) return `Did you mean ${near}?`;
  return "Check the name, the suite (-d) and the target's components; a directory here is written with a slash, as ./NAME.";
}

/** Reads what `apt-cache showsrc` prints: stanzas of source indices. */
export function sourcesIn(output: string): { source: string; version: string }[] {
  return output.split(/\n\s*\n/).flatMap((stanza) => {
    const [, source] = /^Package: ([a-z0-9][a-z0-9+.-]+)$/m.exec(stanza) ?? [];
    const [, version] = /^Version: ([A-Za-z0-9.+:~-]+)$/m.exec(stanza) ?? [];
    return source === undefined || version === undefined ? [] : [{ source, version }];
  });
}

async function sourceNames(kiln: Kiln, container: Container): Promise<readonly string[]> {
  const { exitCode, output } = await capture(kiln, container, ["sh", "-c", listing]);
  return exitCode === 0 ? output.split("\n").filter((line) => line !== "") : [];
}

/** apt keeps its lists compressed as it likes. */
const listing =
  "for list in /var/lib/apt/lists/*_Sources*; do /usr/lib/apt/apt-helper cat-file \"$list\" || :; done | sed -n 's/^Package: //p' | sort -u";
