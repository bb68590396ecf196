import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import type { SignatureVerdict } from "../../openpgp/gpgv-status.ts";

type Good = Extract<SignatureVerdict, { kind: "good" }>;
type Other = Exclude<SignatureVerdict, Good> | { readonly kind: "unsigned" };

/** A good signature as it is remembered; `time` is in milliseconds. */
export const GoodSignature = z.strictObject({
  time: z.int(),
  verdict: z.strictObject({
    kind: z.literal("good"),
    fingerprint: z.string(),
    owner: z.string(),
    expired: z.int().nullable(),
  }),
});

/** A good signature in words. Pure. */
export function saidOf({ owner, fingerprint, expired }: Good): string {
  const since =
    expired === null
      ? ""
      : `, which has expired since (${new Date(expired * 1000).toISOString().slice(0, 10)})`;
  return `signed by ${printableLine(owner)} with the key ${fingerprint}${since}`;
}

/** What is wrong with any other. Pure. */
export function signatureFailure(name: string, verdict: Other): Failure {
  const { code, hint } = faults[verdict.kind];
  return new Failure("package", code, `${name} ${wrongWith(verdict)}`, { hint });
}

function wrongWith(verdict: Other): string {
  if (verdict.kind === "unsigned") return "is not signed: nothing says that it is whose it claims to be";
  if (verdict.kind === "unusable") return `has a signature that says nothing: ${verdict.reason}`;
  if (verdict.kind === "unknown-key")
    return `is signed by the key ${verdict.key}, which is in no keyring of Debian's nor in yours`;
  const owner = printableLine(verdict.owner);
  if (verdict.kind === "bad")
    return `is not what ${owner === "" ? "its signature's owner" : owner} has signed`;
  const end = verdict.kind === "revoked" ? "was revoked" : "had expired by then";
  return `is signed by ${owner} with the key ${verdict.fingerprint}, which ${end}`;
}

const faults: Readonly<Record<Other["kind"], { readonly code: string; readonly hint: string }>> = {
  unsigned: {
    code: "dsc-unsigned",
    hint: "Get it from where it is signed, or by name from the archive, whose signed indices vouch for it.",
  },
  "unknown-key": {
    code: "dsc-key-unknown",
    hint: "--dsc-keyring names a keyring that has it; that of a newer suite may (-d sid), if its owner is new in Debian.",
  },
  expired: {
    code: "dsc-key-expired",
    hint: "A newer keyring may have the key with a later date: name one with --dsc-keyring.",
  },
  revoked: {
    code: "dsc-key-revoked",
    hint: "Whoever has that key now need not be its owner: get the source from elsewhere.",
  },
  bad: {
    code: "dsc-signature-bad",
    hint: "It was altered or damaged: fetch it again, from elsewhere.",
  },
  unusable: {
    code: "dsc-signature-unusable",
    hint: "Get it from where it is signed by other means, or by name from the archive.",
  },
};
