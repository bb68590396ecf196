import { createHash } from "node:crypto";
import { hexOf, digestOf } from "../base/digest.ts";
import { type ListedFile, parseFileLines } from "../debian/checksums.ts";
import { peelClearSigned } from "../debian/clear-signed.ts";
import { type Field, parseStanza } from "../debian/deb822.ts";
import { dscName, sourceFromDsc } from "../debian/source-package.ts";

/** What an archive's index says of a source package, all but where it lies. */
export interface SourceStanza {
  readonly name: string;
  readonly version: string;
  readonly dsc: string;
  /** What must lie beside the .dsc. */
  readonly others: readonly ListedFile[];
  /** All its files. */
  readonly files: readonly ListedFile[];
  readonly fields: readonly Field[];
}

/**
 * The stanza of a source package in a Sources index, from its .dsc: its fields with `Package` for `Source`, and the .dsc itself
 * among the files. @throws Failure what `sourceFromDsc` raises (package).
 */
export function sourceStanza(bytes: Buffer, origin: string): SourceStanza {
  const text = bytes.toString("utf8");
  const { name, version, files: others } = sourceFromDsc(text, origin);
  const stanza = parseStanza(peelClearSigned(text).content, origin);
  const self = { name: dscName({ name, version }), size: bytes.length, sha256: hexOf(digestOf(bytes)) };
  const files = [self, ...others];
  const md5 = stanza.get("Files") === null ? [] : md5Lines(stanza, self, bytes);
  const kept = stanza.fields().filter(([field]) => !own.has(field.toLowerCase()));
  const fields: readonly Field[] = [
    ["Package", name],
    ...kept,
    ...(md5.length === 0 ? [] : [["Files", `\n${md5.join("\n")}`] as const]),
    ["Checksums-Sha256", `\n${files.map((each) => `${each.sha256} ${each.size} ${each.name}`).join("\n")}`],
  ];
  return { name, version, dsc: self.name, others, files, fields };
}

/** Fields of the .dsc that are written anew, or that only an index has. */
const own: ReadonlySet<string> = new Set([
  "source",
  "package",
  "files",
  "checksums-sha1",
  "checksums-sha256",
  "directory",
]);

/** Tools older than apt 1.1 go by these. */
function md5Lines(
  stanza: ReturnType<typeof parseStanza>,
  { name, size }: ListedFile,
  bytes: Buffer,
): readonly string[] {
  const others = parseFileLines(stanza, "Files", 3).map(
    ({ words: [md5 = ""], ...file }) => `${md5} ${file.size} ${file.name}`,
  );
  return [`${createHash("md5").update(bytes).digest("hex")} ${size} ${name}`, ...others];
}
