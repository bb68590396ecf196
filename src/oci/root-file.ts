import type { TarEntry } from "./tar.ts";

/** A file of root's that all may read, for a tar; its time is the epoch. */
export function rootFile(path: string, content: string | Buffer): TarEntry {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return {
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes.length,
    content: () => bytes,
  };
}
