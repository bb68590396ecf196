import { systemComponents } from "./component.ts";
import type { DpkgOwners } from "./dpkg-owners.ts";
import type { TreeEntry } from "../tree/tree.ts";

/** What a rule may ask. */
export interface HomeFacts {
  readonly dpkg: DpkgOwners | null;
  /** The source that owns a path. */
  readonly sourceOf: (path: string) => string | null;
  /** The source whose files are below a directory; of several the first by path. */
  readonly sourceBelow: (directory: string) => string | null;
}

interface Rule {
  readonly pattern: RegExp;
  readonly home: (match: RegExpExecArray, facts: HomeFacts, entry: TreeEntry) => string | null;
}

/**
 * Finds the component of what no package brought: that of the files which it is made from or belongs to, so that it changes
 * with them. Null when nothing is known of it.
 */
export function homeFinder(facts: HomeFacts): (entry: TreeEntry) => string | null {
  const all = [...rules, ...databaseRules(facts.dpkg)];
  return (entry) => {
    for (const { pattern, home } of all) {
      const match = pattern.exec(entry.path);
      const component = match === null ? null : home(match, facts, entry);
      if (component !== null) return component;
    }
    return null;
  };
}

const { initramfs, uki, hwdb, alternatives, caches, kernel, dpkg } = systemComponents;

const rules: readonly Rule[] = [
  { pattern: /^usr\/lib\/modules\/[^/]+\/(?:initramfs|initrd)(?:\.img)?$/, home: () => initramfs },
  { pattern: /^(?:boot|usr\/lib\/modules)\/.*\.efi$/, home: () => uki },
  // depmod's indices, and the kernel itself when it was moved here out of /boot.
  {
    pattern: /^(usr\/lib\/modules\/[^/]+)\//,
    home: ([, directory = ""], { sourceBelow }) => sourceBelow(directory) ?? kernel,
  },
  { pattern: /^(?:usr\/lib|etc)\/udev\/hwdb\.bin$/, home: () => hwdb },
  {
    pattern: /^etc\/ssl\/certs\//,
    home: (_, { sourceOf }) => sourceOf("usr/sbin/update-ca-certificates"),
  },
  {
    pattern: /^(.*\/)__pycache__\/([^/]+?)\.cpython-[^/]*\.pyc$/,
    home: ([, directory = "", name = ""], { sourceOf }) => sourceOf(`${directory}${name}.py`),
  },
  { pattern: /^usr\/lib\/locale\/locale-archive$/, home: (_, { sourceOf }) => sourceOf("usr/bin/localedef") },
  {
    pattern: /^usr\/lib\/[^/]+\/gconv\/gconv-modules\.cache$/,
    home: (_, { sourceOf }) => sourceOf("usr/sbin/iconvconfig"),
  },
  { pattern: /^etc\/alternatives\//, home: () => alternatives },
  {
    pattern: /(?:)/,
    home: (_, __, entry) =>
      entry.type === "symlink" && entry.target.startsWith("/etc/alternatives/") ? alternatives : null,
  },
  { pattern: /^(?:usr\/share\/mime|var\/cache\/(?:fontconfig|man|cracklib))\//, home: () => caches },
  {
    pattern:
      /^usr\/.*\/(?:icon-theme\.cache|gschemas\.compiled|mimeinfo\.cache|loaders\.cache|giomodule\.cache|immodules\.cache)$/,
    home: () => caches,
  },
];

/** dpkg's own files: what it knows of one package goes with that package. */
function databaseRules(database: DpkgOwners | null): readonly Rule[] {
  if (database === null) return [];
  const { directory, packages } = database;
  const inside = directory.replaceAll(/[^\w/]/g, String.raw`\$&`);
  return [
    {
      pattern: new RegExp(`^${inside}/info/(.*)\\.[^./]+$`),
      home: ([, stem = ""]) => packages.get(stem)?.source ?? null,
    },
    { pattern: new RegExp(`^${inside}/alternatives/`), home: () => alternatives },
    { pattern: new RegExp(`^${inside}/`), home: () => dpkg },
  ];
}
