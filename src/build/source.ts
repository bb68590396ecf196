import type { Readable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import type { SourcePackage } from "../debian/source-package.ts";
import type { GitAddress } from "./source/git-address.ts";
import type { LockedSourceFile } from "../environment/lock-file.ts";

/** What the user named, recognised but not opened. Paths are absolute. */
export type SourceArgument =
  | { readonly kind: "tree"; readonly directory: string }
  | { readonly kind: "dsc"; readonly path: string }
  | { readonly kind: "dsc-url"; readonly url: string }
  | { readonly kind: "git"; readonly address: GitAddress }
  | { readonly kind: "package"; readonly name: string; readonly version: string | null };

/** A source package whose control data was read and whose files are there. */
export interface OpenedSource {
  readonly package: SourcePackage;
  readonly layout: "tree" | "dsc";
  /** Whether a tree is `debian/` alone: what it is about lies in the original tarballs. */
  readonly debianOnly?: boolean;
  /** The unpacked tree, absolute; null for a .dsc. */
  readonly directory: string | null;
  /** The .dsc's base name; null for a tree. */
  readonly dscName: string | null;
  /** The unpacked tree's name in the build directory, `NAME-UPSTREAM`: as dpkg-source unpacks it. */
  readonly treeName: string;
  /** The .dsc or tree as the log names it. */
  readonly origin: string;
  /** What was found out of where it comes from, a line each; absent for nothing. */
  readonly findings?: readonly string[];
  /** Base names of the original tarballs that lie beside the tree, signatures included; of a .dsc, those in it. */
  readonly origTarballs: readonly string[];
  /** By which ways original tarballs were looked for in vain, with the reasons; absent when none was needed. */
  readonly origTried?: readonly string[];
  /** Of the .dsc's bytes, which hold its files' checksums; null for a tree, which may change at any time. */
  readonly digest: Digest | null;
  /** The .dsc and the files in it, with their checksums; empty for a tree. */
  readonly files: readonly LockedSourceFile[];
  /**
   * What is to be unpacked in the build directory: the .dsc and its files, or the tree and its original tarballs.
   * Its errors are Failures: file-changed, source-special-file, source-unreadable (usage).
   */
  tar(owner: Owner): Readable;
}

/** A user and group inside the container, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}
