import type { TreeEntry } from "../tree/tree.ts";
import { bootTree } from "./boot-tree.ts";
import { composefsImage } from "./erofs.ts";
import type { FormatVersion } from "./format.ts";
import { verityOf } from "./fs-verity.ts";

/** What hosts know an image's root filesystem by, in hex, for each form that they may have it in. */
export type ComposefsDigests = Readonly<Record<FormatVersion, string>>;

/**
 * The composefs digests of an image: the fs-verity digests, by SHA-512 as bootc wants them, of the composefs images that bootc
 * makes of its entries. @throws Failure what `bootTree` raises.
 */
export async function composefsDigests(entries: Iterable<TreeEntry>): Promise<ComposefsDigests> {
  const root = await bootTree(entries, "sha512");
  const digestOf = (version: FormatVersion) => verityOf([composefsImage(root, version, "sha512")], "sha512");
  return { 1: await digestOf(1), 2: await digestOf(2) };
}

/**
 * The kernel arguments that name a root filesystem to bootc's initramfs, which mounts the first that it has: form 1 by the
 * newer argument, form 2 by the one that every bootc knows (`bootc container ukify` gives both, in this order).
 */
export function composefsArguments(digests: ComposefsDigests): readonly string[] {
  return [`composefs.digest=v1-sha512-12:${digests[1]}`, `composefs=${digests[2]}`];
}
