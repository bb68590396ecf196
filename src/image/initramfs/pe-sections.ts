import { type FileBytes, partOf, readContent } from "../tree/tree.ts";
import { Failure } from "../../base/failure.ts";

/** The first bytes of an executable, in which its section table is. */
const headLength = 64 * 1024;
const sectionLength = 40;
const mostSections = 96;

/**
 * The sections of a PE executable, such as a unified kernel image (UAPI.5), by name, each as a part of the file. Of several
 * of one name, the first counts. @throws Failure bad-executable (package).
 */
export async function peSections(file: FileBytes): Promise<ReadonlyMap<string, FileBytes>> {
  const head = Buffer.from(await readContent(partOf(file, 0, headLength)));
  const header = head.length >= 0x40 && head.toString("latin1", 0, 2) === "MZ" ? head.readUInt32LE(0x3c) : 0;
  if (header === 0 || header + 24 > head.length || head.toString("latin1", header, header + 4) !== "PE\0\0")
    throw notExecutable("it has no PE header");
  const count = head.readUInt16LE(header + 6);
  const table = header + 24 + head.readUInt16LE(header + 20);
  if (count > mostSections || table + count * sectionLength > head.length)
    throw notExecutable("its section table is not where it should be");
  const sections = new Map<string, FileBytes>();
  for (let at = table; at < table + count * sectionLength; at += sectionLength) {
    const name = head.toString("latin1", at, at + 8).replace(/\0+$/, "");
    const [virtual, , raw, offset] = [8, 12, 16, 20].map((field) => head.readUInt32LE(at + field));
    if (sections.has(name) || virtual === undefined || raw === undefined || offset === undefined) continue;
    sections.set(name, partOf(file, offset, virtual === 0 ? raw : Math.min(virtual, raw)));
  }
  return sections;
}

function notExecutable(reason: string): Failure {
  return new Failure("package", "bad-executable", `The file is no EFI executable: ${reason}`, {
    hint: "Make it anew with ukify.",
  });
}
