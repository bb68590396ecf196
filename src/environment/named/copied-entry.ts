import { posix } from "node:path";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import type { TarHeader } from "../../oci/tar-reader.ts";

/** What becomes of one member of a tar that an environment sent. Paths begin with `it`, the thing that is copied. */
export type CopiedEntry =
  | { readonly kind: "file"; readonly path: string; readonly mode: number }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  /** The path is for people. */
  | { readonly kind: "skip"; readonly path: string; readonly why: string };

/**
 * Decides about a member. Permission bits are kept, special bits and owners not; a link is kept when it is relative and leads
 * to something within what is copied; devices, pipes and hard links are left out.
 * @throws Failure copy-refused (infrastructure) for a path that leads elsewhere.
 */
export function planCopiedEntry(
  header: Pick<TarHeader, "path" | "type" | "mode" | "linkTarget">,
): CopiedEntry {
  const path = header.path.replace(/\/+$/, "");
  const parts = path.split("/");
  if (
    parts[0] !== "it" ||
    parts.some((part) => part === "" || part === "." || part === "..") ||
    path.includes("\0")
  )
    throw outside(header.path);
  const mode = header.mode & 0o777;
  switch (header.type) {
    case "file":
      return { kind: "file", path, mode };
    case "directory":
      return { kind: "directory", path, mode };
    case "symlink":
      return planLink(path, header.linkTarget ?? "");
    case "link":
      return {
        kind: "skip",
        path: shown(path),
        why: `a further name (hard link) of ${shown(header.linkTarget ?? "")}`,
      };
    default:
      return { kind: "skip", path: shown(path), why: "a device, pipe or other special file" };
  }
}

/** How people know it: below what is copied. */
function shown(path: string): string {
  return path === "it" ? "the thing itself" : printableLine(path.replace(/^it\//, ""));
}

/** Refuses a copy that has something beneath a link. @throws Failure copy-refused (infrastructure). */
export function requireNothingBeneath(links: readonly { readonly path: string }[]): void {
  const paths = new Set(links.map(({ path }) => path));
  for (const { path } of links) {
    const parts = path.split("/");
    const parents = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
    if (parents.some((parent) => paths.has(parent))) throw outside(path);
  }
}

function planLink(path: string, target: string): CopiedEntry {
  const leadsTo = posix.normalize(posix.join(posix.dirname(path), target));
  // Only leading dots mean what they say: behind a word they would go up from wherever that word, a link itself, leads.
  const words = target.split("/").filter((part) => part !== "" && part !== ".");
  const up = words.findIndex((part) => part !== "..") >>> 0;
  const plain = !words.slice(up).includes("..");
  const isInside = plain && (leadsTo === "it" || leadsTo.startsWith("it/"));
  if (target !== "" && !target.startsWith("/") && !target.includes("\0") && isInside)
    return { kind: "symlink", path, target };
  return {
    kind: "skip",
    path: shown(path),
    why: `a link that leads out of what is copied, to ${printableLine(target)}`,
  };
}

function outside(path: string): Failure {
  return new Failure(
    "infrastructure",
    "copy-refused",
    `Nothing was copied: the environment sent ${printableLine(path)}`,
    {
      hint: "That is not within what was asked for: the environment's tar is not to be trusted.",
    },
  );
}
