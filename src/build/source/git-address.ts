import { Failure } from "../../base/failure.ts";
import { withoutSecrets } from "../../base/without-secrets.ts";

/** A repository and what of it is meant. */
export interface GitAddress {
  /** As git takes it: https, ssh or file. May hold a token as its user: for others it is written by `withoutSecrets`. */
  readonly url: string;
  /** A branch, tag or commit; null for what the repository itself has as its HEAD. */
  readonly reference: string | null;
}

/**
 * The git repository that a word means, null when it means none: `git+https://...`, an address of https that ends in .git,
 * `ssh://`, `file://` but of a .dsc, or `user@host:path`, each with `#BRANCH` after it. Pure.
 * @throws Failure git-address-refused (usage) for transports that run programs or protect nothing, for passwords, and for disguised options.
 */
export function gitAddressOf(word: string): GitAddress | null {
  const [, helper] = /^([A-Za-z0-9]+)::/.exec(word) ?? [];
  if (helper !== undefined) throw refused(word, `the transport ${helper}:: runs a program`);
  const hash = word.indexOf("#");
  const url = hash < 0 ? word : word.slice(0, hash);
  const reference = hash < 0 ? null : checkReference(word.slice(hash + 1));
  const scp = /^(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*)@([^:/\s]+):(?!\/\/)(\S+)$/.exec(url);
  if (scp !== null) {
    if (scp[1]?.startsWith("-") === true || scp[2]?.startsWith("-") === true)
      throw refused(word, "it looks like an option");
    return { url, reference };
  }
  const [, marked, scheme = ""] = /^(git\+)?([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url) ?? [];
  const plain = marked === undefined ? url : url.slice("git+".length);
  const isDsc = marked === undefined && scheme.toLowerCase() === "file" && plain.endsWith(".dsc");
  if (isDsc) return null;
  const isGit = marked !== undefined || isGitScheme(scheme) || /^https?:.*\.git\/?$/.test(plain);
  if (!isGit) return null;
  return { url: checkUrl(plain, word), reference };
}

/** A branch, tag or commit as a user may name it. @throws Failure git-address-refused (usage). */
export function checkReference(text: string): string {
  if (text === "" || text.startsWith("-") || /[\s~^:?*[\\\0-\x20\x7f]|\.\.|@\{/.test(text))
    throw refused(text, "that is no branch, tag or commit");
  return text;
}

function isGitScheme(scheme: string): boolean {
  return ["ssh", "file", "git", "ext"].includes(scheme.toLowerCase());
}

function checkUrl(url: string, word: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) throw refused(word, "it is not an address");
  if (!["https:", "ssh:", "file:"].includes(parsed.protocol))
    throw refused(word, `${parsed.protocol}// protects nothing on the way, or is not for git`);
  if (parsed.protocol === "file:" && parsed.hostname !== "")
    throw refused(word, "the files of another machine have no such address");
  if (parsed.password !== "") throw refused(word, "it holds a password, which others can see", passwordHint);
  const parts = [parsed.hostname, parsed.username, parsed.pathname.replace(/^\/+/, "")].map(decode);
  if (parts.some((part) => part.startsWith("-"))) throw refused(word, "it looks like an option");
  return url;
}

const passwordHint =
  "Leave it out: git asks a credential helper for it (gitcredentials(7)), or use ssh:// with a key.";

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const formsHint =
  "Use https://HOST/PATH.git, ssh://, file:// or user@host:path, and #BRANCH for a branch, tag or commit.";

function refused(word: string, why: string, hint = formsHint): Failure {
  return new Failure(
    "usage",
    "git-address-refused",
    `${JSON.stringify(withoutSecrets(word))} is not used as a git source: ${why}`,
    { hint },
  );
}
