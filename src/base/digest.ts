import { createHash } from "node:crypto";
import { z } from "zod";

/** A content digest as OCI writes it: `sha256:` and 64 hex digits (image-spec, descriptor.md#digests). */
export type Digest = `sha256:${string}`;

const digestForm = /^sha256:[0-9a-f]{64}$/;

/** Whether the text is a well-formed sha256 digest. */
export function isDigest(text: string): text is Digest {
  return digestForm.test(text);
}

/** A digest in data from outside. */
export const DigestText = z.custom<Digest>(
  (value) => typeof value === "string" && isDigest(value),
  "not a sha256 digest",
);

/** The digest of some bytes or of a text's UTF-8 form. */
export function digestOf(content: string | Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The digest of a value's canonical JSON: the form of every cache key. */
export function keyOf(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}

/** The 64 hex digits alone, as .changes files, apt and file names have them. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/**
 * JSON with object keys sorted and no white space, so that equal values have equal text (in the manner of RFC 8785;
 * keys here are strings, arrays, booleans and safe integers only). Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
