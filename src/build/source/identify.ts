import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";
import { parseVersion, withoutEpoch } from "../../debian/version.ts";
import { gitAddressOf } from "./git-address.ts";
import type { SourceArgument } from "../source.ts";

/**
 * What the user's word for a source means: a URL or path of a .dsc, the directory of an unpacked tree, or a package's
 * name, `name=version` or `name_version`. A word with a slash or ending in `.dsc`, and `.`, are paths and nothing else; any
 * other is a tree only where the tree is here under the name that dpkg-source gives it, `NAME-UPSTREAMVERSION`.
 * @throws Failure ambiguous-source, source-missing, source-unsupported, not-a-source-tree, bad-package-name (usage), bad-version.
 */
export async function identifySource(argument: string, cwd: string): Promise<SourceArgument> {
  const address = gitAddressOf(argument);
  if (address !== null) return { kind: "git", address };
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(argument)) return identifyUrl(argument, cwd);
  if (isPath(argument)) return identifyPath(resolve(cwd, argument), argument);
  return identifyPackage(argument, cwd);
}

function isPath(argument: string): boolean {
  return argument.startsWith(".") || argument.includes("/") || argument.endsWith(".dsc");
}

async function identifyUrl(argument: string, cwd: string): Promise<SourceArgument> {
  const url = URL.canParse(argument) ? new URL(argument) : null;
  if (url?.protocol === "file:" && url.hostname === "")
    return identifyPath(resolve(cwd, fileURLToPath(url)), argument);
  if (url?.protocol === "http:" && url.password !== "") {
    throw new Failure(
      "usage",
      "source-unsupported",
      `${withoutSecrets(argument)} would be asked for with a password that anyone on the way can read`,
      { hint: "Use https." },
    );
  }
  if (url !== null && ["http:", "https:"].includes(url.protocol) && url.pathname.endsWith(".dsc")) {
    return { kind: "dsc-url", url: url.href };
  }
  throw new Failure(
    "usage",
    "source-unsupported",
    `${withoutSecrets(argument)} is neither the http(s) URL of a .dsc file nor that of a git repository`,
    {
      hint: "A repository's URL ends in .git, or begins with git+https://; else fetch the source first and name its directory.",
    },
  );
}

async function identifyPath(path: string, argument: string): Promise<SourceArgument> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) throw await missing(path, argument);
  if (stats.isDirectory()) return identifyDirectory(path, argument);
  if (stats.isFile() && path.endsWith(".dsc")) return { kind: "dsc", path };
  throw new Failure("usage", "source-unsupported", `${argument} is neither a source tree nor a .dsc file`, {
    hint: "A .dsc describes a source package; a tree is a directory with debian/control and debian/changelog.",
  });
}

async function identifyDirectory(directory: string, argument: string): Promise<SourceArgument> {
  const absent = [];
  for (const file of ["debian/control", "debian/changelog"]) {
    if ((await stat(join(directory, file)).catch(() => null)) === null) absent.push(file);
  }
  if (absent.length === 0) return { kind: "tree", directory };
  const names = await namesIn(directory);
  const dsc = names.find((name) => name.endsWith(".dsc"));
  throw new Failure("usage", "not-a-source-tree", `${argument} has no ${absent.join(" and no ")}`, {
    hint: hintForDirectory(argument, dsc ?? null, names.includes("control") && names.includes("changelog")),
    details: { directory, absent },
  });
}

function hintForDirectory(argument: string, dsc: string | null, isDebianDirectory: boolean): string {
  if (isDebianDirectory) return "This looks like a debian/ directory: name the directory that it is in.";
  if (dsc !== null) return `Did you mean ${join(argument, dsc)}?`;
  return "Name the top directory of an unpacked source package, a .dsc file, or a package's name.";
}

async function missing(path: string, argument: string): Promise<Failure> {
  const near = nearest(basename(path), await namesIn(dirname(path)));
  return new Failure("usage", "source-missing", `${argument} does not exist`, {
    hint:
      near === null
        ? "Name a source tree, a .dsc file, or a package (a word without a slash)."
        : `Did you mean ${join(dirname(argument), near)}?`,
  });
}

/** For hints only: a directory that cannot be read gives none. */
async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return [];
  }
}

/** Package names: Policy 5.6.1. */
const packageName = /^[a-z0-9][a-z0-9+.-]+$/;

async function identifyPackage(argument: string, cwd: string): Promise<SourceArgument> {
  const directory = resolve(cwd, argument);
  const head = argument === "" ? null : await headOfTree(directory);
  if (head !== null && treeName(head) === argument) return identifyDirectory(directory, argument);
  if (head !== null && head.source !== argument) throw ambiguous(argument, head.source);
  const { name, version } = splitPackage(argument);
  if (packageName.test(name)) {
    if (version !== null) parseVersion(version);
    return { kind: "package", name, version };
  }
  const isThere = argument !== "" && (await stat(directory).catch(() => null)) !== null;
  throw new Failure("usage", "bad-package-name", `${JSON.stringify(argument)} is not a package name`, {
    hint: isThere
      ? `To name the file or directory, write ./${argument}`
      : "Package names have two or more characters: small letters, digits, + - and dots (Policy 5.6.1).",
  });
}

/** Of which source in which version a directory is the tree, by its changelog's first line; null when it is none. */
async function headOfTree(directory: string): Promise<Head | null> {
  const changelog = await readFile(join(directory, "debian/changelog"), "utf8").catch(() => null);
  const [, source, version] =
    /^([a-z0-9][a-z0-9+.-]+) \(([^() \t]+)\)/.exec(changelog?.trimStart() ?? "") ?? [];
  return source === undefined || version === undefined ? null : { source, version };
}

interface Head {
  readonly source: string;
  readonly version: string;
}

/** As `dpkg-source --extract` names directories: no package has that name. */
function treeName({ source, version }: Head): string {
  return `${source}-${withoutEpoch(version).replace(/-[^-]*$/, "")}`;
}

function ambiguous(argument: string, source: string): Failure {
  return new Failure(
    "usage",
    "ambiguous-source",
    `${argument} may be a package of the archive, or the tree of ${source} in that directory here`,
    { hint: `Write ./${argument} for the tree; for the package, run the command elsewhere.` },
  );
}

function splitPackage(argument: string): { readonly name: string; readonly version: string | null } {
  const at = argument.search(/[=_]/);
  if (at < 0) return { name: argument, version: null };
  return { name: argument.slice(0, at), version: argument.slice(at + 1) };
}
