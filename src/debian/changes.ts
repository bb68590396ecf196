import { z } from "zod";
import { ListedFile, parseChecksums, parseFileLines } from "./checksums.ts";
import { peelClearSigned } from "./clear-signed.ts";
import { bad, parseStanza } from "./deb822.ts";
import { sourceNameOf, words } from "./field.ts";
import { parseVersion } from "./version.ts";

/** What a build or upload consists of, deb-changes(5). */
export const Changes = z
  .strictObject({
    source: z.string(),
    version: z.string(),
    architectures: z.array(z.string()).readonly(),
    distribution: z.string(),
    binaries: z.array(z.string()).readonly(),
    files: z.array(ListedFile.extend({ section: z.string(), priority: z.string() })).readonly(),
  })
  .readonly();
export type Changes = z.infer<typeof Changes>;

/**
 * Reads a .changes file as untrusted text: its two file lists must name the same files with the same sizes. Raises
 * `bad-control-data`, `field-missing`, `bad-version`, `unsafe-file-name`, `bad-signature-armor`.
 */
export function parseChanges(text: string, origin: string): Changes {
  const stanza = parseStanza(peelClearSigned(text).content, origin);
  const version = stanza.require("Version");
  parseVersion(version);
  stanza.require("Files");
  const listed = new Map(parseFileLines(stanza, "Files", 5).map((file) => [file.name, file]));
  const checksums = parseChecksums(stanza);
  if (listed.size !== checksums.length) throw bad(stanza.at, "other files in Files than in Checksums-Sha256");
  const files = checksums.map((file) => {
    const entry = listed.get(file.name);
    if (entry?.size !== file.size)
      throw bad(stanza.at, `${file.name} otherwise in Files than in Checksums-Sha256`);
    const [, , section = "", priority = ""] = entry.words;
    return { ...file, section, priority };
  });
  return {
    source: sourceNameOf(stanza),
    version,
    architectures: words(stanza.require("Architecture")),
    distribution: stanza.require("Distribution"),
    binaries: words(stanza.get("Binary") ?? ""),
    files,
  };
}
