import { armoredPublicKey, clearSigned, detachedSignature } from "./ed25519.ts";
import { ownKey } from "./own-key.ts";
import { programSigner } from "./program-signer.ts";
import type { Signer } from "./signer.ts";
import type { SigningKey } from "./signing-key.ts";

/** Where keys are, and what bounds the work with them. */
export interface Keyring {
  /** The directory of the key that debkiln makes for this user. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The signer that is meant: with debkiln's key in this process, with the user's by a program on this machine. */
export function openSigner(key: SigningKey, keyring: Keyring): Signer {
  return key.kind === "own" ? ownSigner(keyring) : programSigner(key, keyring.signal);
}

function ownSigner({ directory }: Keyring): Signer {
  const signed = async (sign: (key: Awaited<ReturnType<typeof ownKey>>, time: number) => string) => {
    const key = await ownKey(directory);
    // A clock that was set back must not make a signature that is older than its key.
    return sign(key, Math.max(key.created, Math.floor(Date.now() / 1000)));
  };
  return {
    publicKey: async () => armoredPublicKey(await ownKey(directory)),
    clearSign: (text) => signed((key, time) => clearSigned(key, text, time)),
    detachedSignature: (bytes) => signed((key, time) => detachedSignature(key, bytes, time)),
    requireUsable: async () => void (await ownKey(directory)),
  };
}
