/** What a unit's [Install] section says `systemctl enable` does (systemd.unit(5)). */
export interface InstallSection {
  readonly wantedBy: readonly string[];
  readonly requiredBy: readonly string[];
  readonly upheldBy: readonly string[];
  readonly alias: readonly string[];
  readonly also: readonly string[];
  /** Of a template: which of its instances is meant when none is named. */
  readonly defaultInstance: string | null;
}

/** A unit's name: characters that no path has, and one of systemd's suffixes. */
const unitName =
  /^[A-Za-z0-9:_.\\@%-]+\.(?:service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/;

export function isUnitName(name: string): boolean {
  return unitName.test(name);
}

/** The template of an instance (`getty@.service` of `getty@tty1.service`), or null. */
export function templateOf(name: string): { readonly template: string; readonly instance: string } | null {
  const match = /^([^@]+@)(.+)(\.[a-z]+)$/.exec(name);
  if (match === null) return null;
  const [, prefix = "", instance = "", suffix = ""] = match;
  return { template: prefix + suffix, instance };
}

/** The [Install] section of a unit file and its drop-ins, one after the other; null when none of them has one. */
export function parseInstall(texts: readonly string[]): InstallSection | null {
  const values = new Map<string, string[]>();
  let isThere = false;
  for (const text of texts) {
    let section = "";
    for (const line of logicalLines(text)) {
      const header = /^\[([^\]]*)\]$/.exec(line)?.[1];
      if (header !== undefined) section = header;
      const assignment = section === "Install" ? /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) : null;
      isThere ||= header === "Install";
      if (assignment === null) continue;
      const [, key = "", value = ""] = assignment;
      // An empty assignment takes back the earlier ones.
      if (value === "") values.delete(key);
      else values.set(key, [...(values.get(key) ?? []), ...wordsOf(value)]);
    }
  }
  if (!isThere) return null;
  const names = (key: string) => (values.get(key) ?? []).filter(isUnitName);
  return {
    wantedBy: names("WantedBy"),
    requiredBy: names("RequiredBy"),
    upheldBy: names("UpheldBy"),
    alias: names("Alias"),
    also: names("Also"),
    defaultInstance: values.get("DefaultInstance")?.at(-1) ?? null,
  };
}

/**
 * The links that `systemctl enable` makes for a unit, below /etc/systemd/system. A template makes none but for an instance.
 */
export function linksOf(install: InstallSection, name: string): readonly string[] {
  const expand = (text: string) => expandSpecifiers(text, name);
  const dependencies = [
    [".wants", install.wantedBy],
    [".requires", install.requiredBy],
    [".upholds", install.upheldBy],
  ] as const;
  return [
    ...dependencies.flatMap(([suffix, units]) => units.map((unit) => `${expand(unit)}${suffix}/${name}`)),
    ...install.alias.map(expand).filter((alias) => alias !== name),
  ];
}

/** The specifiers that make sense in [Install] (systemd.unit(5)). */
function expandSpecifiers(text: string, name: string): string {
  const dot = name.lastIndexOf(".");
  const stem = name.slice(0, dot);
  const [prefix = stem, ...rest] = stem.split("@");
  const instance = rest.join("@");
  const specifiers = new Map([
    ["%n", name],
    ["%N", stem],
    ["%p", prefix],
    ["%P", prefix],
    ["%i", instance],
    ["%I", instance],
    ["%j", prefix.slice(prefix.lastIndexOf("-") + 1)],
    ["%%", "%"],
  ]);
  return text.replace(/%./g, (specifier) => specifiers.get(specifier) ?? specifier);
}

/** Lines without comments, those that end in a backslash joined with the next. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let continued = "";
  for (const raw of text.split("\n")) {
    if (/^\s*[#;]/.test(raw)) continue;
    const line = continued + raw.trim();
    continued = line.endsWith("\\") ? `${line.slice(0, -1)} ` : "";
    if (continued === "" && line !== "") lines.push(line);
  }
  return lines;
}

function wordsOf(value: string): string[] {
  return value
    .split(/\s+/)
    .map((word) => word.replace(/^(["'])(.*)\1$/, "$2"))
    .filter((word) => word !== "");
}
