import { gunzipSync, gzipSync } from "node:zlib";
import { canonicalJson } from "../../base/digest.ts";
import type { Image } from "../../engine/engine.ts";
import type { Lock } from "../lock.ts";

const longestLock = 16 * 1024 * 1024;

/** A lock as a label's value. */
export function packLock(lock: Lock): string {
  return gzipSync(canonicalJson(lock)).toString("base64url");
}

/** The text of the lock in a label, or null when there is none that can be read. */
export function unpackLock(label: string): string | null {
  try {
    const bytes = gunzipSync(Buffer.from(label, "base64url"), { maxOutputLength: longestLock });
    return bytes.toString("utf8");
  } catch {
    return null;
  }
}

/**
 * The labels by which a named environment has its lock with it: the cache is the user's and may be emptied through one engine while the
 * environment is in another. In pieces, since docker reads no line of 64 KiB among a commit's instructions. A lock too long for the
 * request of a commit (1 MiB with Go's HTTP server, some 6000 packages here) is not carried.
 */
export function lockLabels(lock: Lock): Record<string, string> {
  const packed = packLock(lock);
  const count = Math.ceil(packed.length / pieceLength);
  if (count > mostPieces) return { [countLabel]: "0" };
  const pieces = Array.from({ length: count }, (_, at) => [
    pieceLabel(at),
    packed.slice(at * pieceLength, (at + 1) * pieceLength),
  ]);
  // An image keeps the labels of the one that it was made from, and so more pieces when that one's lock was longer.
  return { [countLabel]: String(count), ...Object.fromEntries(pieces) };
}

/** The text of the lock that a named environment's labels hold, or null when they hold none that can be read. */
export function lockInLabels(labels: Image["labels"]): string | null {
  const count = Number(labels[countLabel] ?? "0");
  if (!Number.isInteger(count) || count < 1 || count > mostPieces) return null;
  const pieces = Array.from({ length: count }, (_, at) => labels[pieceLabel(at)]);
  return pieces.includes(undefined) ? null : unpackLock(pieces.join(""));
}

const pieceLength = 32 * 1024;
const mostPieces = 20;

const countLabel = "debkiln.lock-pieces";

function pieceLabel(at: number): string {
  return `debkiln.lock-piece.${at}`;
}
