import { Failure } from "../base/failure.ts";
import { checkFileName } from "./file-name.ts";

/** A file that apt would fetch: size in bytes, SHA256 as 64 hex digits, the name it would have in apt's cache. */
export interface PrintedFile {
  readonly uri: string;
  readonly fileName: string;
  readonly size: number;
  readonly sha256: string;
}

/** A binary package as the name of its file has it, `name_version_architecture.deb` with percent-encoded colons. */
export interface ArchiveName {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** A binary package that apt would fetch. */
export type PrintedUri = PrintedFile & ArchiveName;

/** The packages of `apt-get --print-uris install`. Raises `no-sha256`, `bad-print-uris`, `bad-archive-name`. */
export function parsePrintUris(output: string): readonly PrintedUri[] {
  return parsePrintedFiles(output).map((file) => ({ ...file, ...parseArchiveName(file.fileName) }));
}

/**
 * The lines `'uri' file size SHA256:digest` of any apt-get --print-uris, such as `source`'s; its other output is passed
 * over. Raises `no-sha256` (apt prints MD5 unless Acquire::ForceHash=SHA256) and `bad-print-uris`.
 */
export function parsePrintedFiles(output: string): readonly PrintedFile[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("'"))
    .map(printedFile);
}

/** Takes the file name of a .deb apart. Raises `bad-archive-name`. */
export function parseArchiveName(fileName: string): ArchiveName {
  const { name, version, architecture } = archiveForm.exec(decode(fileName) ?? "")?.groups ?? {};
  if (name === undefined || version === undefined || architecture === undefined) {
    throw new Failure(
      "dependency",
      "bad-archive-name",
      `${JSON.stringify(fileName)} is not the name of a .deb`,
      {
        hint: "Expected is name_version_architecture.deb; check the repository that offers it.",
        details: { fileName },
      },
    );
  }
  return { name, version, architecture };
}

const archiveForm =
  /^(?<name>[a-zA-Z0-9][a-zA-Z0-9+.-]+)_(?<version>[0-9][A-Za-z0-9.+~:-]*)_(?<architecture>[a-z0-9-]+)\.u?deb$/;

function printedFile(line: string): PrintedFile {
  const { uri, fileName, size, hash } = lineForm.exec(line)?.groups ?? {};
  if (uri === undefined || fileName === undefined || size === undefined)
    throw bad(line, "is not of the form expected");
  if (!URL.canParse(uri)) throw bad(line, "has no URI");
  const sha256 = /^SHA256:([0-9a-f]{64})$/.exec(hash ?? "")?.[1];
  if (sha256 === undefined) {
    throw new Failure("dependency", "no-sha256", `There is no SHA256 digest for ${uri}`, {
      hint: "Its repository must offer SHA256 digests; files without are not fetched.",
      details: { uri, hash },
    });
  }
  const decoded = decode(fileName) ?? "";
  checkFileName(decoded, "apt-get --print-uris");
  return { uri, fileName, size: Number(size), sha256 };
}

const lineForm = /^'(?<uri>[^'\s]+)' (?<fileName>\S+) (?<size>[0-9]{1,15})(?: (?<hash>\S*))?\s*$/;

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function bad(line: string, what: string): Failure {
  return new Failure(
    "infrastructure",
    "bad-print-uris",
    `A line of apt-get --print-uris ${what}: ${JSON.stringify(line)}`,
    {
      hint: "This apt may be one that debkiln does not know yet: please report it.",
      details: { line },
    },
  );
}
