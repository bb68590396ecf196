import { Failure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { Tail } from "../../environment/tail.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import type { PlannedEntry } from "../plan.ts";
import { openContent } from "../tree/tree.ts";

/** Puts the definition's files into a container that has the packages. */
export async function putEntries(container: Container, entries: readonly PlannedEntry[]): Promise<void> {
  if (entries.length > 0) await container.put("/", packTar(entries.map(tarEntry)));
}

/**
 * Gives them their owners by name, once all accounts are there.
 * @throws Failure unknown-owner (usage).
 */
export async function ownEntries(
  kiln: Kiln,
  container: Container,
  entries: readonly PlannedEntry[],
): Promise<void> {
  const owned = entries.filter(({ user, group }) => ![user, group].every(isRoot));
  if (owned.length === 0) return;
  const said = new Tail(null);
  const words = owned.flatMap(({ path, user, group }) => [`${user}:${group}`, path]);
  const { exitCode } = await container.run(["sh", "-euc", chown, "sh", ...words], {
    stderr: said,
    signal: kiln.signal,
  });
  if (exitCode === 0) return;
  throw new Failure(
    "usage",
    "unknown-owner",
    `A file of the definition cannot have its owner: ${said.text.trim()}`,
    {
      hint: "Name users and groups that the image has: those of its packages, or of customizations.user and group.",
      details: { output: said.text },
    },
  );
}

const chown = 'while [ $# -gt 0 ]; do chown --no-dereference "$1" "$2"; shift 2; done';

function isRoot(owner: string | number): boolean {
  return owner === 0 || owner === "root";
}

/** Names are left to `ownEntries`. */
function idOf(owner: string | number): number {
  return typeof owner === "number" ? owner : 0;
}

function tarEntry(entry: PlannedEntry): TarEntry {
  const { path, mode, user, group } = entry;
  const common = { path: path.slice(1), mode, uid: idOf(user), gid: idOf(group), mtime: 0 };
  switch (entry.type) {
    case "file":
      return { ...common, type: "file", size: entry.sizeBytes, content: () => openContent(entry) };
    case "directory":
      return { ...common, type: "directory" };
    case "symlink":
    default:
      return { ...common, type: "symlink", linkTarget: entry.target };
  }
}
