import { errorCode } from "../base/system-error.ts";
import { loadExeca } from "../base/load-execa.ts";
import type { Signer } from "./signer.ts";
import { gpgKey, type SecretKey } from "./gpg-key.ts";
import { programMissing, signingFailure } from "./signing-failure.ts";
import type { ProgramKey } from "./signing-key.ts";

/**
 * Signs with the user's key by gpg or sq on this machine. They ask for a passphrase by their agents' own means, on the user's
 * terminal or screen: neither passphrases nor secret keys come by here.
 */
export function programSigner(key: ProgramKey, signal: AbortSignal): Signer {
  return key.kind === "gpg" ? gpgSigner(key, signal) : sqSigner(key, signal);
}

/** gpg exports every key that a name is part of: it is told the one key that signs by its fingerprint. */
function gpgSigner(key: ProgramKey, signal: AbortSignal): Signer {
  const sign = async (words: readonly string[], input: Uint8Array) => {
    const found = await gpgKey(key, signal);
    requireSigning(key, found);
    const user = signsByItself.test(key.id) ? key.id : found.fingerprint;
    const common = ["--batch", "--quiet", "--status-fd=2", `--local-user=${user}`, "--digest-algo=SHA512"];
    return await run(key, [...common, ...words], input, signal);
  };
  return {
    publicKey: async () => {
      const { fingerprint } = await gpgKey(key, signal);
      const words = [
        "--batch",
        "--armor",
        "--export-options",
        "export-minimal",
        "--export",
        "--",
        fingerprint,
      ];
      return await exportedKey(key, words, signal);
    },
    clearSign: (text) => sign(["--textmode", "--clearsign"], Buffer.from(text)),
    detachedSignature: (bytes) => sign(["--armor", "--detach-sign"], bytes),
    requireUsable: async () => requireSigning(key, await gpgKey(key, signal)),
  };
}

/** A subkey that signs and no other of its key (gpg(1), "How to specify a user ID"). */
const signsByItself = /^(?:0x)?[0-9A-Fa-f]{8,64}!$/;

function requireSigning(key: ProgramKey, { canSign }: SecretKey): void {
  if (!canSign) throw signingFailure("Unusable secret key", key);
}

function sqSigner(key: ProgramKey, signal: AbortSignal): Signer {
  const words = sq(key.id);
  const publicKey = () => exportedKey(key, words.publicKey, signal);
  return {
    publicKey,
    clearSign: (text) => run(key, words.clearSign, Buffer.from(text), signal),
    detachedSignature: (bytes) => run(key, words.detach, bytes, signal),
    requireUsable: async () => void (await publicKey()),
  };
}

async function exportedKey(key: ProgramKey, argv: readonly string[], signal: AbortSignal): Promise<string> {
  const exported = await run(key, argv, Buffer.alloc(0), signal);
  if (exported.includes("BEGIN PGP PUBLIC KEY BLOCK")) return exported;
  throw signingFailure("No secret key", key);
}

/** The command lines of a program that signs what it reads on its standard input. */
interface CommandLines {
  readonly publicKey: readonly string[];
  readonly clearSign: readonly string[];
  readonly detach: readonly string[];
}

/** Those that Sequoia promises to keep since sq 1.0. With `--batch` it would not ask for a passphrase, on any terminal. */
function sq(id: string): CommandLines {
  const sign = ["sign", sqName("signer", id)];
  return {
    publicKey: ["--batch", "cert", "export", sqName("cert", id)],
    clearSign: [...sign, "--cleartext", "-"],
    detach: [...sign, "--signature-file=-", "-"],
  };
}

/** sq(1) has an option for each way to name a key. */
function sqName(option: "signer" | "cert", id: string): string {
  if (/^(?:0x)?[0-9A-Fa-f ]{16,50}$/.test(id)) return `--${option}=${id.replaceAll(" ", "")}`;
  const [, address] = /<?([^<>\s]+@[^<>\s]+)>?\s*$/.exec(id) ?? [];
  return address === undefined ? `--${option}-userid=${id}` : `--${option}-email=${address}`;
}

async function run(
  key: ProgramKey,
  argv: readonly string[],
  input: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const options = { input, reject: false, stripFinalNewline: false, cancelSignal: signal } as const;
  const execa = await loadExeca();
  const result = await execa(key.kind, argv, options);
  signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  if (errorCode(result.cause) === "ENOENT") throw programMissing(key, result.cause);
  throw signingFailure(result.stderr, key);
}
