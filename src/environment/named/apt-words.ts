import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";

/** What apt-get is to do in a named environment. */
export interface AptChange {
  readonly kind: "change";
  /** apt-get's words, the command among them. */
  readonly words: readonly string[];
  /** Whether what goes takes its configuration files with it. */
  readonly purge: boolean;
}

/** A question about an environment and its archive. */
export interface AptQuery {
  readonly kind: "query";
  readonly argv: readonly string[];
}

const changing = [
  "install",
  "remove",
  "purge",
  "autoremove",
  "autopurge",
  "upgrade",
  "dist-upgrade",
  "full-upgrade",
  "satisfy",
  "build-dep",
] as const;

/** Questions with the program that answers them. */
const queries: Readonly<Record<string, "apt" | "apt-cache">> = {
  depends: "apt-cache",
  list: "apt",
  madison: "apt-cache",
  pkgnames: "apt-cache",
  policy: "apt-cache",
  rdepends: "apt-cache",
  search: "apt-cache",
  show: "apt-cache",
  showpkg: "apt-cache",
  stats: "apt-cache",
};

/**
 * What a user's words for apt come to: a change of the environment's packages or a question; `update` is neither, and asks
 * the archive now. @throws Failure bad-apt-command (usage).
 */
export function readAptWords(words: readonly string[]): AptChange | AptQuery | { readonly kind: "update" } {
  const command = words.find((word) => !word.startsWith("-")) ?? "";
  if (command === "update") return { kind: "update" };
  const program = Object.hasOwn(queries, command) ? queries[command] : undefined;
  if (program !== undefined) return { kind: "query", argv: [program, ...words] };
  if (!changing.some((each) => each === command)) throw notForHere(command);
  return {
    kind: "change",
    words,
    purge: command === "purge" || command === "autopurge" || words.includes("--purge"),
  };
}

/** apt's words that install packages by their names. @throws Failure bad-package-name (usage). */
export function installWords(packages: readonly string[]): AptChange {
  return { kind: "change", words: ["install", ...packages.map(checkPackage)], purge: false };
}

/** apt's words that remove packages by their names. @throws Failure bad-package-name (usage). */
export function removeWords(
  packages: readonly string[],
  { purge, autoremove }: { readonly purge: boolean; readonly autoremove: boolean },
): AptChange {
  const options = autoremove ? ["--autoremove"] : [];
  return { kind: "change", words: ["remove", ...options, ...packages.map(checkPackage)], purge };
}

/** apt's words that upgrade packages, or all. @throws Failure bad-package-name (usage). */
export function upgradeWords(packages: readonly string[]): AptChange {
  const words =
    packages.length === 0 ? ["dist-upgrade"] : ["install", "--only-upgrade", ...packages.map(checkPackage)];
  return { kind: "change", words, purge: false };
}

/** The names that words ask for outright: others that come with them are marked as installed automatically. */
export function requestedNames(words: readonly string[]): ReadonlySet<string> {
  return new Set(
    words
      .filter((word) => !word.startsWith("-"))
      .map((word) => word.replace(/[=/].*$/s, "").replace(/:[a-z0-9-]+$/, "")),
  );
}

/** A package's name as apt takes it, with architecture, version or suite if need be. @throws Failure bad-package-name (usage). */
export function checkPackage(word: string): string {
  if (/^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?(?:=[\w.+:~-]+|\/[\w.+-]+)?$/.test(word)) return word;
  throw new Failure("usage", "bad-package-name", `${JSON.stringify(word)} is not a package's name`, {
    hint: "Write NAME, NAME:ARCH, NAME=VERSION or NAME/SUITE; for anything else: debkiln apt -- ...",
  });
}

function notForHere(command: string): Failure {
  const known = [...changing, ...Object.keys(queries), "update"];
  const near = nearest(command, known);
  return new Failure(
    "usage",
    "bad-apt-command",
    command === ""
      ? "No command for apt was given"
      : `apt's command ${JSON.stringify(command)} has no meaning here`,
    {
      hint:
        near === null
          ? `These have: ${known.toSorted().join(", ")}.`
          : `Did you mean ${near}? The words for apt follow "--".`,
    },
  );
}
