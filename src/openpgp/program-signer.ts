import { execa } from "execa";
import { errorCode } from "../base/system-error.ts";
import type { Signer } from "./signer.ts";
import { programMissing, signingFailure } from "./signing-failure.ts";
import type { ProgramKey } from "./signing-key.ts";

/**
 * Signs with the user's key by gpg or sq on this machine. They ask for a passphrase by their agents' own means, on the user's
 * terminal or screen: neither passphrases nor secret keys come by here.
 */
export function programSigner(key: ProgramKey, signal: AbortSignal): Signer {
  const words = key.kind === "gpg" ? gpg(key.id) : sq(key.id);
  const publicKey = async () => {
    const exported = await run(key, words.publicKey, Buffer.alloc(0), signal);
    if (exported.includes("BEGIN PGP PUBLIC KEY BLOCK")) return exported;
    throw signingFailure("No secret key", key);
  };
  return {
    publicKey,
    clearSign: (text) => run(key, words.clearSign, Buffer.from(text), signal),
    detachedSignature: (bytes) => run(key, words.detach, bytes, signal),
    requireUsable: async () => void (await (key.kind === "gpg" ? requireSecret(key, signal) : publicKey())),
  };
}

/** The command lines of a program that signs what it reads on its standard input. */
interface CommandLines {
  readonly publicKey: readonly string[];
  readonly clearSign: readonly string[];
  readonly detach: readonly string[];
}

function gpg(id: string): CommandLines {
  const sign = ["--batch", "--quiet", "--status-fd=2", `--local-user=${id}`, "--digest-algo=SHA512"];
  return {
    publicKey: ["--batch", "--armor", "--export-options", "export-minimal", "--export", "--", id],
    clearSign: [...sign, "--textmode", "--clearsign"],
    detach: [...sign, "--armor", "--detach-sign"],
  };
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

/** gpg tells of a key before it signs whether it could. */
async function requireSecret(key: ProgramKey, signal: AbortSignal): Promise<void> {
  const argv = ["--batch", "--with-colons", "--list-secret-keys", "--", key.id];
  const result = await execa("gpg", argv, { reject: false, stdin: "ignore", cancelSignal: signal });
  signal.throwIfAborted();
  if (errorCode(result.cause) === "ENOENT") throw programMissing(key, result.cause);
  const validities = [...result.stdout.matchAll(/^sec:([^:]*):/gm)].map(([, validity]) => validity ?? "");
  if (validities.length === 0) throw signingFailure("No secret key", key);
  if (validities.every((each) => ["e", "r", "d", "i"].includes(each)))
    throw signingFailure("Unusable secret key", key);
}

async function run(
  key: ProgramKey,
  argv: readonly string[],
  input: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const options = { input, reject: false, stripFinalNewline: false, cancelSignal: signal } as const;
  const result = await execa(key.kind, argv, options);
  signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  if (errorCode(result.cause) === "ENOENT") throw programMissing(key, result.cause);
  throw signingFailure(result.stderr, key);
}
