/** What became of the signatures on a text, after gpgv(1). Times are seconds since the epoch. */
export type SignatureVerdict =
  | {
      readonly kind: "good";
      readonly fingerprint: string;
      readonly owner: string;
      readonly expired: number | null;
    }
  /** The key, or the signature itself, had expired before it was made use of. */
  | { readonly kind: "expired"; readonly fingerprint: string; readonly owner: string }
  | { readonly kind: "revoked"; readonly fingerprint: string; readonly owner: string }
  | { readonly kind: "unknown-key"; readonly key: string }
  | { readonly kind: "bad"; readonly owner: string }
  /** Signed by means that gpgv does not take, or in no form that it knows. */
  | { readonly kind: "unusable"; readonly reason: string };

/**
 * The verdict that gpgv's status lines give (doc/DETAILS of GnuPG). One bad signature spoils all; else one good one is
 * enough. A key that has expired after it signed is good: packages are older than their uploaders' keys. Pure.
 */
export function verdictOf(status: string): SignatureVerdict {
  const lines = status.split("\n").flatMap((line) => {
    const [, word, rest] = /^\[GNUPG:\] ([A-Z_]+) ?(.*)$/.exec(line) ?? [];
    return word === undefined ? [] : [{ word, rest: rest ?? "" }];
  });
  const verdicts = signaturesIn(lines).map(verdictOfOne);
  for (const kind of ["bad", "revoked", "good", "expired", "unknown-key", "unusable"] as const) {
    const found = verdicts.find((each) => each.kind === kind);
    if (found !== undefined) return found;
  }
  return { kind: "unusable", reason: "gpgv found no signature in it" };
}

interface StatusLine {
  readonly word: string;
  readonly rest: string;
}

/** Each signature's lines begin with NEWSIG. */
function signaturesIn(lines: readonly StatusLine[]): readonly (readonly StatusLine[])[] {
  const starts = lines.flatMap(({ word }, at) => (word === "NEWSIG" ? [at] : []));
  return starts.map((start, at) => lines.slice(start, starts[at + 1]));
}

function verdictOfOne(lines: readonly StatusLine[]): SignatureVerdict {
  const find = (word: string) => lines.find((line) => line.word === word)?.rest;
  const bad = find("BADSIG");
  if (bad !== undefined) return { kind: "bad", owner: ownerIn(bad) };
  const missing = find("NO_PUBKEY");
  if (missing !== undefined) return { kind: "unknown-key", key: missing.split(" ")[0] ?? "" };
  const valid = find("VALIDSIG")?.split(" ") ?? [];
  const [key = "", , signed = "0"] = valid;
  // The tenth word is of the primary key: keyrings and people name keys by that.
  const fingerprint = valid[9] ?? key;
  if (fingerprint === "") return { kind: "unusable", reason: reasonOf(find("ERRSIG")) };
  const revoked = find("REVKEYSIG");
  if (revoked !== undefined) return { kind: "revoked", fingerprint, owner: ownerIn(revoked) };
  const lapsed = find("EXPSIG");
  if (lapsed !== undefined) return { kind: "expired", fingerprint, owner: ownerIn(lapsed) };
  const outlived = find("EXPKEYSIG");
  if (outlived === undefined)
    return { kind: "good", fingerprint, owner: ownerIn(find("GOODSIG") ?? ""), expired: null };
  const ends = lines
    .filter(({ word }) => word === "KEYEXPIRED")
    .map(({ rest }) => Number(rest.split(" ")[0]));
  const end = Math.min(...ends);
  return Number.isFinite(end) && Number(signed) < end
    ? { kind: "good", fingerprint, owner: ownerIn(outlived), expired: end }
    : { kind: "expired", fingerprint, owner: ownerIn(outlived) };
}

/** A key's id and its owner's name, which is percent-encoded. */
function ownerIn(text: string): string {
  const name = text.replace(/^\S+ ?/, "");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The error code is the sixth word; 4 is an algorithm that gpgv does not know or no longer takes. */
function reasonOf(error: string | undefined): string {
  if (error === undefined) return "gpgv gave no verdict on it";
  return error.split(" ")[5] === "4"
    ? "its algorithm is not one that gpgv takes"
    : "gpgv could not check it, as with digests that are no longer safe";
}
