import { createHash } from "node:crypto";
import { wrongDigest } from "../blob-source.ts";
import type { Descriptor } from "../image-spec.ts";
import type { Connection } from "./connection.ts";
import type { Answer } from "./exchange.ts";
import { badAnswer, unreachable } from "./registry-failure.ts";
import { pauseBeforeRetry } from "./retry.ts";

/** As much as must have come since a connection broke off for its attempts to be counted anew, in bytes. */
const progressBytes = 1024 * 1024;

/**
 * A blob's bytes from an offset on. A connection that breaks off is taken up again where it broke. A blob read from its
 * beginning is checked against its digest, before its end is told.
 * @throws Failure wrong-digest, and those of the connection (infrastructure).
 */
export async function* downloadBlob(
  connection: Connection,
  path: string,
  blob: Descriptor,
  from: number,
  action: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = from === 0 ? createHash("sha256") : null;
  const what = `${blob.digest} of ${connection.registry}`;
  for (let at = from, attempt = 1; at < blob.size; attempt++) {
    const begin = at;
    try {
      for await (const chunk of pieces(connection, path, at, action)) {
        at += chunk.length;
        if (at > blob.size) throw wrongDigest(what, blob);
        hash?.update(chunk);
        yield chunk;
      }
      if (at < blob.size) throw new Error(`the connection was closed after ${at} of ${blob.size} bytes`);
    } catch (thrown) {
      if (at - begin >= progressBytes) attempt = 1;
      await pauseBeforeRetry(unreachable(connection.registry, action, thrown), attempt, connection.patience);
    }
  }
  if (hash !== null && `sha256:${hash.digest("hex")}` !== blob.digest) throw wrongDigest(what, blob);
}

/** What one request brings, from an offset on, whether the registry knows ranges or not. */
async function* pieces(
  connection: Connection,
  path: string,
  from: number,
  action: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const answer = await connection.ask({
    method: "GET",
    url: path,
    headers: from === 0 ? {} : { range: `bytes=${from}-` },
    action,
    expect: [200, 206],
    tries: "one",
  });
  const begin = beginOf(answer, connection.registry);
  if (begin > from)
    throw badAnswer(connection.registry, "it sends another part of a blob than was asked for");
  let skip = from - begin;
  for await (const chunk of answer.body) {
    const bytes: Buffer = chunk;
    if (skip < bytes.length) yield bytes.subarray(skip);
    skip = Math.max(0, skip - bytes.length);
  }
}

/** Where the bytes of an answer begin in the blob (RFC 9110, 14.4). */
function beginOf({ status, headers }: Answer, registry: string): number {
  if (status === 200) return 0;
  const begin = /^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1];
  if (begin === undefined) throw badAnswer(registry, "it sends a part of a blob without saying which");
  return Number(begin);
}
