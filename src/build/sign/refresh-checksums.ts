import { createHash } from "node:crypto";

/** A file whose bytes changed since it was listed. */
export interface Rewritten {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * The text of a .changes or .buildinfo with the sizes and checksums of files that were rewritten, in whatever field they
 * are listed (deb-changes(5), deb-buildinfo(5)).
 */
export function refreshChecksums(text: string, files: readonly Rewritten[]): string {
  const byName = new Map(files.map((file) => [file.name, file]));
  return text
    .split("\n")
    .map((line) => {
      const [, digest, between = "", name] = /^ ([0-9a-f]{32,64}) \d+ ((?:\S+ )*)(\S+)$/.exec(line) ?? [];
      const file = name === undefined ? undefined : byName.get(name);
      const algorithm = algorithms.get(digest?.length ?? 0);
      if (file === undefined || algorithm === undefined) return line;
      const hash = createHash(algorithm).update(file.content).digest("hex");
      return ` ${hash} ${file.content.length} ${between}${file.name}`;
    })
    .join("\n");
}

/** Algorithms by the length of their digests in hexadecimal digits. */
const algorithms: ReadonlyMap<number, string> = new Map([
  [32, "md5"],
  [40, "sha1"],
  [64, "sha256"],
]);
