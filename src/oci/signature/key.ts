import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { Failure } from "../../base/failure.ts";
import { errorCode } from "../../base/system-error.ts";

/** Signs, and makes itself known. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface KeyPair {
  /** PKCS#8 in PEM, encrypted when there is a passphrase. */
  readonly privatePem: string;
  /** SubjectPublicKeyInfo in PEM, as policy.json, cosign and openssl read it. */
  readonly publicPem: string;
}

/** A new key pair on the curve P-256, the one that every tool for images knows. */
export function generateKeyPair(passphrase: string | null): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve });
  const encryption = passphrase === null ? {} : { cipher: "aes-256-cbc", passphrase };
  return {
    privatePem: privateKey.export({ type: "pkcs8", format: "pem", ...encryption }).toString(),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Reads a private key. @throws Failure bad-signing-key, wrong-passphrase (usage). */
export function readSigningKey(pem: string, passphrase: string | null, name: string): SigningKey {
  if (/ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY/.test(pem)) {
    throw badKey(
      name,
      "it is in cosign's own form",
      "Make one with `debkiln image keygen`; cosign takes it in with `cosign import-key-pair`.",
    );
  }
  if (/ENCRYPTED/.test(pem) && passphrase === null) {
    throw wrongPassphrase(name, "is encrypted, and no passphrase was given");
  }
  const privateKey = parsePrivate(pem, passphrase, name);
  requireCurve(privateKey, name);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** Reads a public key. @throws Failure bad-signing-key (usage). */
export function readPublicKey(pem: string, name: string): KeyObject {
  if (/PRIVATE KEY/.test(pem)) {
    throw badKey(
      name,
      "it is a private key",
      "Name the public one, such as NAME.pub; never give the private one away.",
    );
  }
  const key = parsePublic(pem, name);
  requireCurve(key, name);
  return key;
}

/** An ECDSA signature with SHA-256, in DER. */
export function signBytes({ privateKey }: SigningKey, bytes: Uint8Array): Buffer {
  return sign("sha256", bytes, privateKey);
}

/** Whether a signature over some bytes is the key's. */
export function verifyBytes(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", bytes, key, signature);
}

/** What sigstore's tools name a key by: the digest of its DER form, in base64. */
export function keyHint(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("base64");
}

/** P-256, as OpenSSL calls it. */
const curve = "prime256v1";

function parsePrivate(pem: string, passphrase: string | null, name: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: "pem", ...(passphrase === null ? {} : { passphrase }) });
  } catch (thrown) {
    if (/BAD_DECRYPT|BAD_PASSWORD|INTERRUPTED|MISSING_PASSPHRASE/.test(errorCode(thrown) ?? "")) {
      throw wrongPassphrase(name, "does not open with that passphrase");
    }
    throw badKey(name, "it is no private key in PEM", "Make one with `debkiln image keygen`.", thrown);
  }
}

function parsePublic(pem: string, name: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: "pem" });
  } catch (thrown) {
    throw badKey(
      name,
      "it is no public key in PEM",
      "Name the file NAME.pub that `debkiln image keygen` wrote.",
      thrown,
    );
  }
}

function requireCurve(key: KeyObject, name: string): void {
  if (key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === curve) return;
  throw badKey(name, "it is not ECDSA on P-256", "Make one with `debkiln image keygen`.");
}

function badKey(name: string, reason: string, hint: string, cause?: unknown): Failure {
  return new Failure("usage", "bad-signing-key", `${name} cannot be used: ${reason}`, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

function wrongPassphrase(name: string, reason: string): Failure {
  return new Failure("usage", "wrong-passphrase", `The key ${name} ${reason}`, {
    hint: "Write it into a file and name that with --passphrase-file.",
  });
}
