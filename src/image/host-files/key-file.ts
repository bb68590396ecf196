import { linesOf, malformed } from "./malformed.ts";

/** A GKeyFile: groups of keys, all text (glib's key-file format, as ostree reads prepare-root.conf). */
export class KeyFile {
  readonly #values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly #origin: string;

  constructor(values: ReadonlyMap<string, ReadonlyMap<string, string>>, origin: string) {
    this.#values = values;
    this.#origin = origin;
  }

  /** A value with its escapes resolved, or null when it is not there. @throws Failure bad-host-file (package). */
  text(group: string, key: string): string | null {
    const value = this.#values.get(group)?.get(key);
    return value === undefined ? null : unescapeValue(value, this.#origin);
  }

  /** A boolean as glib takes it, or null when it is not there. @throws Failure bad-host-file (package) for other words. */
  boolean(group: string, key: string): boolean | null {
    const word = this.#values.get(group)?.get(key)?.trimEnd();
    if (word === undefined) return null;
    if (word === "true" || word === "1") return true;
    if (word === "false" || word === "0") return false;
    throw malformed(
      `Value “${word}” cannot be interpreted as a boolean.`,
      `Write true or false for ${key} in [${group}] of ${this.#origin}.`,
    );
  }
}

/** Reads a key file. A later key wins over an earlier one. @throws Failure bad-host-file (package) naming the file. */
export function parseKeyFile(text: string, origin: string): KeyFile {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | null = null;
  for (const [index, raw] of linesOf(text).entries()) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const bad = () => malformed(`Parsing ${origin}`, `Mend line ${index + 1} of ${origin}: ${line}`);
    const name = /^\[([^[\]\p{Cc}]+)\]\s*$/u.exec(line)?.[1];
    if (name !== undefined) {
      group = groups.get(name) ?? new Map<string, string>();
      groups.set(name, group);
      continue;
    }
    const pair = /^([^=[\]\s](?:[^=[\]]*[^=[\]\s])?(?:\[[^[\]=]+\])?)\s*=\s*(.*)$/s.exec(line);
    if (pair === null || group === null) throw bad();
    group.set(pair[1] ?? "", pair[2] ?? "");
  }
  return new KeyFile(groups, origin);
}

const escapes = new Map([
  ["s", " "],
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["\\", "\\"],
]);

function unescapeValue(value: string, origin: string): string {
  return value.replace(/\\([^]?)/g, (_, character: string) => {
    const plain = escapes.get(character);
    if (plain === undefined)
      throw malformed(`Parsing ${origin}`, `Mend the value "${value}": it has an unknown escape.`);
    return plain;
  });
}
