import { z } from "zod";
import { bad } from "./deb822.ts";
import type { Stanza } from "./deb822.ts";
import { checkFileName } from "./file-name.ts";

/** A file that control data speaks of: size in bytes, SHA256 as 64 hex digits. */
export const ListedFile = z.strictObject({
  name: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ListedFile = Readonly<z.infer<typeof ListedFile>>;

/**
 * The files of a stanza's Checksums-Sha256. Raises `field-missing`, `bad-control-data`, and `unsafe-file-name` for any
 * name that is not a plain one.
 */
export function parseChecksums(stanza: Stanza): ListedFile[] {
  stanza.require("Checksums-Sha256");
  const files = parseFileLines(stanza, "Checksums-Sha256", 3).map(({ words: [sha256 = ""], ...file }) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw bad(stanza.at, `no SHA256 digest for ${file.name}`);
    return { ...file, sha256 };
  });
  return files;
}

/** The lines `digest size ... name` of a field, as many words each, no name twice. */
export function parseFileLines(
  stanza: Stanza,
  field: string,
  width: number,
): { readonly words: readonly string[]; readonly name: string; readonly size: number }[] {
  const seen = new Set<string>();
  const lines = (stanza.get(field) ?? "").split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const words = line.trim().split(/\s+/);
    const [size, name] = [Number(words[1]), words[width - 1]];
    if (words.length !== width || name === undefined || !/^[0-9]{1,15}$/.test(words[1] ?? "")) {
      throw bad(stanza.at, `a line of another form in ${field}`);
    }
    checkFileName(name, stanza.at.origin);
    if (seen.has(name)) throw bad(stanza.at, `${name} twice in ${field}`);
    seen.add(name);
    return { words, name, size };
  });
}
