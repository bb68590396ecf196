import type { KeyObject } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { generateKeyPair, readPublicKey, readSigningKey, type SigningKey } from "../oci/signature/key.ts";
import { diskFailure } from "../store/disk.ts";

/** Where a key pair is. */
export interface KeyFiles {
  readonly privateFile: string;
  readonly publicFile: string;
}

/**
 * Makes a key pair in PREFIX.key, for its owner's eyes only, and PREFIX.pub.
 * @throws Failure key-exists (usage) rather than write over a key; not-writable (infrastructure).
 */
export async function makeKeyFiles(prefix: string, passphraseFile: string | undefined): Promise<KeyFiles> {
  const files = { privateFile: `${prefix}.key`, publicFile: `${prefix}.pub` };
  const passphrase = passphraseFile === undefined ? null : await readPassphrase(passphraseFile);
  const { privatePem, publicPem } = generateKeyPair(passphrase);
  await writeNew(files.privateFile, privatePem, 0o600);
  try {
    await writeNew(files.publicFile, publicPem, 0o644);
  } catch (thrown) {
    await rm(files.privateFile, { force: true });
    throw thrown;
  }
  return files;
}

/** @throws Failure signing-key-unreadable, bad-signing-key, wrong-passphrase (usage). */
export async function readSigningKeyFile(
  path: string,
  passphraseFile: string | undefined,
): Promise<SigningKey> {
  const passphrase = passphraseFile === undefined ? null : await readPassphrase(passphraseFile);
  return readSigningKey(await readText(path), passphrase, path);
}

/** @throws Failure signing-key-unreadable, bad-signing-key (usage). */
export async function readPublicKeyFile(path: string): Promise<KeyObject> {
  return readPublicKey(await readText(path), path);
}

/** A file's first line, for editors end files with a line feed. */
async function readPassphrase(path: string): Promise<string> {
  const [line = ""] = (await readText(path)).split("\n");
  if (line !== "") return line;
  throw new Failure("usage", "wrong-passphrase", `${path} has no passphrase in its first line`, {
    hint: "Write one there, or leave --passphrase-file out.",
  });
}

async function readText(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("usage", "signing-key-unreadable", `Cannot read ${path}: ${reason}`, {
      hint: "Check the path and its permissions.",
      cause,
    });
  });
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { flag: "wx", mode }).catch((thrown: unknown) => {
    if (errorCode(thrown) !== "EEXIST") throw diskFailure(thrown, path);
    throw new Failure("usage", "key-exists", `${path} is there already`, {
      hint: "Keys are never written over: give another name, or move it away.",
    });
  });
}
