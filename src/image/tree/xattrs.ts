import { Failure } from "../../base/failure.ts";
import { loadExeca } from "../../base/load-execa.ts";
import { errorCode } from "../../base/system-error.ts";
import { textOf } from "../../oci/raw-text.ts";

/** As many paths as fit a command line with room to spare. */
const pathsAtOnce = 500;

/**
 * The extended attributes of what lies in a directory, by path; those without any are left out. Node cannot read them, so
 * getfattr(1) does; without it the answer is null. Paths that are no UTF-8 are passed over.
 * @throws Failure xattrs-unreadable (infrastructure).
 */
export async function readXattrs(
  root: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Readonly<Record<string, Uint8Array>>> | null> {
  const all = new Map<string, Readonly<Record<string, Uint8Array>>>();
  const readable = paths.filter((path) => path.isWellFormed());
  for (let at = 0; at < readable.length; at += pathsAtOnce) {
    const output = await getfattr(root, readable.slice(at, at + pathsAtOnce), signal);
    if (output === null) return null;
    for (const [path, xattrs] of parseDump(output)) all.set(path, xattrs);
  }
  return all;
}

async function getfattr(root: string, paths: readonly string[], signal: AbortSignal): Promise<string | null> {
  const flags = ["--no-dereference", "--dump", "--match=-", "--encoding=hex", "--absolute-names", "--"];
  const execa = await loadExeca();
  const result = await execa("getfattr", [...flags, ...paths], {
    cwd: root,
    env: { LC_ALL: "C" },
    encoding: "latin1",
    cancelSignal: signal,
    reject: false,
    stripFinalNewline: false,
  });
  signal.throwIfAborted();
  if (errorCode(result) === "ENOENT") return null;
  if (result.failed && result.stdout === "")
    throw new Failure(
      "infrastructure",
      "xattrs-unreadable",
      `getfattr cannot read the extended attributes of ${root}`,
      {
        hint: "Its own words are in the details.",
        details: { output: result.stderr },
      },
    );
  return result.stdout;
}

/** getfattr's dump: `# file: PATH`, lines `NAME=0xHEX`, an empty line. In paths, unusual bytes are octal escapes. */
function parseDump(output: string): readonly (readonly [string, Readonly<Record<string, Uint8Array>>])[] {
  return output.split("\n\n").flatMap((block) => {
    const [first = "", ...lines] = block.replace(/^\n+/, "").split("\n");
    const path = /^# file: (.*)$/.exec(first)?.[1];
    if (path === undefined) return [];
    const values = lines.flatMap((line) => {
      const [, name, hex = ""] = /^([^=]+)(?:=0x([0-9a-fA-F]*))?$/.exec(line) ?? [];
      return name === undefined ? [] : [[unescaped(name), Buffer.from(hex, "hex")] as const];
    });
    return [[unescaped(path), Object.fromEntries(values)] as const];
  });
}

function unescaped(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 8)),
  );
  return textOf(Buffer.from(bytes, "latin1"));
}
