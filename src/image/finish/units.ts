import type { Draft } from "../tree/draft.ts";
import { nameOf, resolvePath } from "../tree/path.ts";
import { textAt } from "../tree/read.ts";

import { type InstallSection, isUnitName, parseInstall, templateOf } from "./unit-file.ts";

/** The administrator's units, and where `systemctl enable` makes its links. */
export const configured = "etc/systemd/system";
/** The packages' units. */
export const vendor = "usr/lib/systemd/system";

/** Where systemd looks for units of the system, the first that has one first (systemd.unit(5)). */
const searchPath = [configured, "usr/local/lib/systemd/system", vendor];

export interface Unit {
  readonly name: string;
  /** What enabling it does; null when it says nothing of that. */
  readonly install: InstallSection | null;
  /** Whether its name in the search path is a link to a file elsewhere: systemd enables such by linking them. */
  readonly isLinked: boolean;
}

/** The system's units. */
export interface Units {
  readonly byName: ReadonlyMap<string, Unit>;
  /** Further names of units, by which they are also known. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** The units that a tree has. Links to /dev/null hide what is in later directories. */
export function findUnits(draft: Draft): Units {
  const byName = new Map<string, Unit>();
  const aliases = new Map<string, string>();
  const masked = new Set<string>();
  for (const directory of searchPath) {
    for (const { path } of draft.children(directory)) {
      const name = nameOf(path);
      if (!isUnitName(name) || byName.has(name) || aliases.has(name) || masked.has(name)) continue;
      const target = resolvePath(draft.tree, path);
      if (target === "dev/null") masked.add(name);
      else if (draft.get(target)?.type !== "file") continue;
      else if (isSearched(target) && nameOf(target) !== name) aliases.set(name, nameOf(target));
      else {
        const texts = [target, ...dropIns(draft, name)].map((file) => textAt(draft.tree, file) ?? "");
        byName.set(name, { name, install: parseInstall(texts), isLinked: !isSearched(target) });
      }
    }
  }
  for (const [alias, name] of namesToBe(byName)) {
    if (!byName.has(alias) && !aliases.has(alias)) aliases.set(alias, name);
  }
  return { byName, aliases };
}

/** The further names that units get by being enabled, where no two of them ask for the same. */
function namesToBe(byName: ReadonlyMap<string, Unit>): ReadonlyMap<string, string> {
  const names = new Map<string, string | null>();
  for (const { name, install } of byName.values())
    for (const alias of install?.alias ?? []) names.set(alias, names.has(alias) ? null : name);
  return new Map([...names].flatMap(([alias, name]) => (name === null ? [] : [[alias, name] as const])));
}

/** The unit that a name means, with its instance if it is one of a template. Null for none. */
export function unitNamed(
  { byName, aliases }: Units,
  name: string,
): { readonly unit: Unit; readonly instance: string | null } | null {
  const exact = byName.get(aliases.get(name) ?? name);
  if (exact !== undefined) return { unit: exact, instance: null };
  const found = templateOf(name);
  if (found === null) return null;
  const unit = byName.get(aliases.get(found.template) ?? found.template);
  return unit === undefined ? null : { unit, instance: found.instance };
}

function isSearched(path: string): boolean {
  return searchPath.some((directory) => path === `${directory}/${nameOf(path)}`);
}

function dropIns(draft: Draft, name: string): string[] {
  const files = searchPath.flatMap((directory) => draft.children(`${directory}/${name}.d`));
  return files
    .filter(({ path, type }) => type === "file" && path.endsWith(".conf"))
    .map(({ path }) => path)
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
