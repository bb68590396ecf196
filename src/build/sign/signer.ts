import { execa } from "execa";
import { Failure } from "../../base/failure.ts";
import { errorCode } from "../../base/system-error.ts";

/** A program on this machine that signs with the user's key. */
export type SigningProgram = "gpg" | "sq";

/** Whose signature is wanted. */
export interface Signer {
  readonly program: SigningProgram;
  /** A fingerprint, key id or address, as the program takes it. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** A text with its signature around it (RFC 9580, 7). @throws Failure signing-key-missing and its kin. */
export function clearSign(text: Buffer, signer: Signer): Promise<Buffer> {
  return run(text, signer, {
    gpg: ["--clearsign", "--textmode"],
    sq: ["--batch", "sign", "--cleartext"],
  });
}

/** An armored signature of some bytes. @throws Failure as `clearSign`. */
export function detachedSignature(content: Buffer, signer: Signer): Promise<Buffer> {
  return run(content, signer, {
    gpg: ["--detach-sign", "--armor"],
    sq: ["--batch", "sign", "--signature-file=-"],
  });
}

/**
 * Fails at once when the key is not there or can no longer sign: before a build that may take hours. Only gpg is asked;
 * whether a key is locked shows when it signs.
 * @throws Failure signing-key-missing, signing-key-expired (usage), signer-missing (infrastructure).
 */
export async function requireKey({ program, key, signal }: Signer): Promise<void> {
  if (program !== "gpg") return;
  const argv = ["--batch", "--with-colons", "--list-secret-keys", "--", key];
  const result = await execa("gpg", argv, { reject: false, stdin: "ignore", cancelSignal: signal });
  signal.throwIfAborted();
  if (errorCode(result.cause) === "ENOENT") throw programMissing(program);
  const validities = [...result.stdout.matchAll(/^sec:([^:]*):/gm)].map(([, validity]) => validity ?? "");
  if (validities.length === 0) throw signingFailure("No secret key", key, program);
  if (validities.every((each) => ["e", "r", "d", "i"].includes(each)))
    throw signingFailure("Unusable secret key", key, program);
}

/**
 * Runs the signing program. It asks for a passphrase by its agent's own means, on the user's terminal or screen: neither
 * passphrases nor keys come by here.
 */
async function run(
  input: Buffer,
  { program, key, signal }: Signer,
  words: Readonly<Record<SigningProgram, readonly string[]>>,
): Promise<Buffer> {
  const argv =
    program === "gpg"
      ? ["--batch", "--quiet", "--status-fd=2", `--local-user=${key}`, ...words.gpg]
      : [...words.sq, sqSigner(key), "-"];
  const result = await execa(program, argv, {
    input,
    encoding: "buffer",
    reject: false,
    stripFinalNewline: false,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (!result.failed) return Buffer.from(result.stdout);
  if (errorCode(result.cause) === "ENOENT") throw programMissing(program);
  throw signingFailure(Buffer.from(result.stderr).toString("utf8"), key, program);
}

/** sq(1) has an option for each way to name a key. */
function sqSigner(key: string): string {
  if (/^(?:0x)?[0-9A-Fa-f ]{16,50}$/.test(key)) return `--signer=${key.replaceAll(" ", "")}`;
  const [, address] = /<?([^<>\s]+@[^<>\s]+)>?\s*$/.exec(key) ?? [];
  return address === undefined ? `--signer-userid=${key}` : `--signer-email=${address}`;
}

/** What a program that did not sign has said, as the failure that it means (doc/DETAILS of GnuPG, "INV_SGNR"). */
export function signingFailure(said: string, key: string, program: SigningProgram): Failure {
  const rule = rules.find(({ text }) => text.test(said)) ?? otherwise;
  const last = said
    .split("\n")
    .findLast((line) => line.trim() !== "" && !line.startsWith("[GNUPG:]"))
    ?.trim();
  const fault = rule === otherwise ? "infrastructure" : "usage";
  return new Failure(fault, rule.code, rule.message(key, last ?? `${program} failed`), {
    hint: rule.hint,
    details: { program, output: said },
  });
}

interface Rule {
  readonly text: RegExp;
  readonly code: string;
  readonly message: (key: string, last: string) => string;
  readonly hint: string;
}

const rules: readonly Rule[] = [
  {
    // gpg says it no more exactly than that of keys that are past their date or revoked.
    text: /unusable secret key|key\b[^\n]*\bexpired|expired on/i,
    code: "signing-key-expired",
    message: (key) => `The key ${key} can no longer sign: it has expired, or was revoked`,
    hint: "Extend it (`gpg --quick-set-expire FINGERPRINT 2y`) or name another with --sign=KEY.",
  },
  {
    text: /bad passphrase|no pinentry|cancelled|canceled|inappropriate ioctl|timeout|timed out|is locked|unlock/i,
    code: "signing-key-locked",
    message: (key, last) => `The key ${key} was not unlocked: ${last}`,
    hint: "Sign on a terminal (GPG_TTY), or unlock the key in your agent before.",
  },
  {
    text: /no secret key|INV_SGNR|not found|no key|no such/i,
    code: "signing-key-missing",
    message: (key) => `There is no secret key ${key} here`,
    hint: "`gpg --list-secret-keys` (or `sq key list`) shows those that there are; name one with --sign=KEY.",
  },
];

const otherwise: Rule = {
  text: /^/,
  code: "signing-failed",
  message: (_, last) => `The results could not be signed: ${last}`,
  hint: "The program's own words are in the details; sign with debsign(1) by hand.",
};

function programMissing(program: SigningProgram): Failure {
  return new Failure("infrastructure", "signer-missing", `${program} is not installed on this machine`, {
    hint: program === "gpg" ? "Install gnupg, or use --sign-with sq." : "Install sq, or use --sign-with gpg.",
  });
}
