import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { loadExeca } from "../base/load-execa.ts";
import { programMissing, signingFailure } from "./signing-failure.ts";
import type { ProgramKey } from "./signing-key.ts";

/** A secret key in gpg's keyring. */
export interface SecretKey {
  /** Of the primary key, in hex. */
  readonly fingerprint: string;
  /** False once it has expired, was revoked or disabled, or when it is not for signatures. */
  readonly canSign: boolean;
}

/**
 * The one secret key that an id means to gpg: of several that it matches the only one that can sign.
 * @throws Failure signing-key-missing, signing-key-expired, signing-key-ambiguous (usage), signer-missing (infrastructure).
 */
export async function gpgKey(key: ProgramKey, signal: AbortSignal): Promise<SecretKey> {
  const argv = ["--batch", "--with-colons", "--list-secret-keys", "--", key.id];
  const execa = await loadExeca();
  const result = await execa("gpg", argv, { reject: false, stdin: "ignore", cancelSignal: signal });
  signal.throwIfAborted();
  if (errorCode(result.cause) === "ENOENT") throw programMissing(key, result.cause);
  const keys = secretKeys(result.stdout);
  const usable = keys.filter(({ canSign }) => canSign);
  const [found, ...others] = usable.length > 0 ? usable : keys;
  if (found === undefined) throw signingFailure("No secret key", key);
  if (others.length === 0) return found;
  if (usable.length === 0) throw signingFailure("Unusable secret key", key);
  throw ambiguous(key, usable);
}

/** What gpg lists with `--with-colons` (doc/DETAILS of GnuPG): a key's fingerprint follows it, its subkeys come after. Pure. */
export function secretKeys(listing: string): readonly SecretKey[] {
  const records = listing.split("\n").map((line) => line.split(":"));
  return records.flatMap(([type, validity = "", , , , , , , , , , capabilities = ""], at) => {
    if (type !== "sec") return [];
    const fingerprint = records.slice(at).find(([each]) => each === "fpr")?.[9];
    if (fingerprint === undefined) return [];
    const isAlive = !["e", "r", "d", "i"].includes(validity) && !capabilities.includes("D");
    // A capital letter is what the whole key can do, with its subkeys.
    return [{ fingerprint, canSign: isAlive && capabilities.includes("S") }];
  });
}

function ambiguous({ id }: ProgramKey, keys: readonly SecretKey[]): Failure {
  const fingerprints = keys.map(({ fingerprint }) => fingerprint);
  return new Failure(
    "usage",
    "signing-key-ambiguous",
    `${id} means several secret keys of gpg's: ${fingerprints.join(", ")}`,
    { hint: "Name the one that signs by its fingerprint.", details: { fingerprints } },
  );
}
