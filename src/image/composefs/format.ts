/**
 * Forms of composefs images, all EROFS: 1 is what `mkcomposefs --min-version=1` writes, 2 what composefs-rs wrote before it
 * could write that. A tree has another digest in each.
 */
export type FormatVersion = 1 | 2;

export const blockSize = 4096;
/** What inodes are aligned to; their numbers count these. */
export const slotSize = 32;

/** Of inodes (`i_format`), besides the lowest bit, which is 0 for compact ones and 1 for extended ones. */
export const dataLayouts = { plain: 0, inline: 4, chunked: 8 } as const;

/** Of the entries of directories, and the same kinds in modes (inode(7)). */
export const fileTypes = {
  file: { entry: 1, mode: 0o100000 },
  directory: { entry: 2, mode: 0o040000 },
  "character-device": { entry: 3, mode: 0o020000 },
  "block-device": { entry: 4, mode: 0o060000 },
  fifo: { entry: 5, mode: 0o010000 },
  socket: { entry: 6, mode: 0o140000 },
  symlink: { entry: 7, mode: 0o120000 },
} as const;

/** Beginnings of names of extended attributes by EROFS's numbers for them; 0 is for all others, 5 is not used. */
export const xattrPrefixes = [
  [6, "security."],
  [4, "trusted."],
  [3, "system.posix_acl_default"],
  [2, "system.posix_acl_access"],
  [1, "user."],
  [0, ""],
] as const;
