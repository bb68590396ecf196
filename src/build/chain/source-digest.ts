import { createHash } from "node:crypto";
import { type Digest, keyOf } from "../../base/digest.ts";
import { readTar } from "../../oci/tar-reader.ts";
import type { OpenedSource } from "../source.ts";

/**
 * The digest of what a source is: of a .dsc its bytes', which name those of its files; of a tree its files' names, modes, links and
 * bytes, not their times, which a checkout changes.
 */
export async function sourceDigest(source: OpenedSource): Promise<Digest> {
  if (source.digest !== null) return source.digest;
  const entries: unknown[] = [];
  for await (const { header, content } of readTar(source.tar({ uid: 0, gid: 0 }))) {
    const hash = createHash("sha256");
    for await (const chunk of content) hash.update(chunk);
    const { path, type, mode, linkTarget } = header;
    entries.push([path, type, mode, linkTarget, hash.digest("hex")]);
  }
  return keyOf(entries);
}
