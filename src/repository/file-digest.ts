import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Digest } from "../base/digest.ts";

/** The digest of a file's bytes. */
export async function fileDigest(path: string, signal: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), hash, { signal });
  return `sha256:${hash.digest("hex")}`;
}
