/** What git-buildpackage's configuration in a source says of its upstream (gbp.conf(5)). */
export interface GbpConf {
  /** The form of tags with upstream's source; null where it is not said. */
  readonly upstreamTag: string | null;
  /** `TAG`, `BRANCH`, `SLOPPY` or what git knows as a tree. */
  readonly upstreamTree: string;
  readonly upstreamBranch: string;
  /** Directories of the tree that have original tarballs of their own. */
  readonly components: readonly string[];
  /** File ending of original tarballs, such as `xz`; null for what git-buildpackage would guess. */
  readonly compression: Compression | null;
  readonly compressionLevel: string;
}

const endings = ["gz", "bz2", "xz", "lzma"] as const;
export type Compression = (typeof endings)[number];

/** The programs that compress, by file endings. */
export const compressions: Readonly<Record<Compression, string>> = {
  gz: "gzip",
  bz2: "bzip2",
  xz: "xz",
  lzma: "lzma",
};

/** Reads configurations of which later ones count more. What has no meaning here is passed over. Pure. */
export function parseGbpConf(texts: readonly string[]): GbpConf {
  const values = new Map(
    texts.flatMap((text) => [...sectionsOf(text, "DEFAULT"), ...sectionsOf(text, "buildpackage")]),
  );
  const word = values.get("compression") ?? "auto";
  const compression = endings.find((ending) => ending === word || compressions[ending] === word);
  return {
    upstreamTag: values.get("upstream-tag") ?? null,
    upstreamTree: values.get("upstream-tree") ?? "TAG",
    upstreamBranch: values.get("upstream-branch") ?? "upstream",
    components: listOf(values.get("components") ?? values.get("component") ?? ""),
    compression: compression ?? null,
    compressionLevel: /^[1-9]$/.exec(values.get("compression-level") ?? "")?.[0] ?? "",
  };
}

/** The keys and values of a section of an INI file; lines that begin with blanks continue the one before. */
function sectionsOf(text: string, wanted: string): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  let section = "";
  for (const line of text.split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    const last = pairs.at(-1);
    if (header !== undefined) section = header;
    else if (section !== wanted) continue;
    else if (/^\s/.test(line) && last !== undefined) last[1] += ` ${line.trim()}`;
    else if (key !== undefined && value !== undefined) pairs.push([key.toLowerCase(), value]);
  }
  return pairs;
}

/** One word, or a list as Python writes it. Only what can name a component counts (dpkg-source(1)). */
function listOf(value: string): readonly string[] {
  const words = value.startsWith("[")
    ? [...value.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? "")
    : [value];
  return words.filter((word) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(word));
}
