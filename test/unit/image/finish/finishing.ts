import { Failure } from "../../../../src/base/failure.ts";
import { Changes } from "../../../../src/image/finish/changes.ts";
import type { Facts, FinishOptions, Note } from "../../../../src/image/finish/options.ts";
import type { Verb } from "../../../../src/image/finish/verb.ts";
import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";
import { type Piece, treeOf } from "../lint/root.ts";

export const epoch = 1_700_000_000;

export const plain: FinishOptions = {
  epoch,
  files: [],
  hostname: null,
  services: { enabled: [], disabled: [], masked: [] },
  var: {},
  home: "links",
  local: "state",
};

const nothingKnown: Facts = { owners: new Map(), datedBytecode: new Set() };

export interface Applied {
  readonly tree: Tree;
  readonly notes: readonly Note[];
}

/** What a verb makes of a tree. */
export function apply(
  verb: Verb,
  pieces: Readonly<Record<string, Piece>> | Tree,
  options: Partial<FinishOptions> = {},
  facts: Partial<Facts> = {},
): Applied {
  const tree = isTree(pieces) ? pieces : treeOf(pieces);
  const changes = new Changes(tree, epoch);
  verb(changes, { ...plain, ...options }, { ...nothingKnown, ...facts });
  return { tree: new Map(changes.tree), notes: changes.notes() };
}

/** The failure that the work ends in. */
export function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error("Nothing failed");
}

/** Paths but for the root. */
export function pathsOf(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => path !== ".").toSorted();
}

export function textOf(tree: Tree, path: string): string | null {
  const entry = tree.get(path);
  if (entry === undefined) return null;
  if (entry.type !== "file" || entry.content.from !== "bytes") throw new Error(`${path} is a ${entry.type}`);
  return Buffer.from(entry.content.bytes).toString();
}

/** A link's target, or null when there is no link. */
export function targetOf(tree: Tree, path: string): string | null {
  const entry: TreeEntry | undefined = tree.get(path);
  return entry?.type === "symlink" || entry?.type === "link" ? entry.target : null;
}

function isTree(pieces: Readonly<Record<string, Piece>> | Tree): pieces is Tree {
  return pieces instanceof Map;
}
