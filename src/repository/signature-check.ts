import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { loadExeca } from "../base/load-execa.ts";
import { dearmor } from "../debian/openpgp-armor.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import { peelClearSigned } from "../debian/clear-signed.ts";
import { armoredPublicKey, canonicalText, isSignedBy, type OpenPgpKey } from "../openpgp/ed25519.ts";
import type { Keyring } from "../openpgp/open-signer.ts";
import { ownKey } from "../openpgp/own-key.ts";

/** With what signatures are checked. */
export interface SignatureCheck extends Keyring {
  /** The key that it must be, armored. */
  readonly publicKey: string;
}

/** A suite's Release file and its signatures. */
export interface SignedRelease {
  readonly release: string;
  readonly inRelease: string;
  readonly detached: string | null;
}

/** Those of a suite that is published in a directory; null for what is not there. */
export async function readSigned(
  directory: string,
): Promise<{ readonly [name in keyof SignedRelease]: string | null }> {
  const read = (name: string) => readFile(join(directory, name), "utf8").catch(nullIfMissing);
  return {
    release: await read("Release"),
    inRelease: await read("InRelease"),
    detached: await read("Release.gpg"),
  };
}

/**
 * What is wrong with the signatures of a suite. Those by debkiln's own key are checked in this process, others by gpgv(1).
 * @throws Failure gpgv-missing (infrastructure), bad-key (usage).
 */
export async function checkSignatures(
  signed: SignedRelease,
  check: SignatureCheck,
): Promise<readonly { readonly name: string; readonly problem: string }[]> {
  const key = await ownKey(check.directory);
  const verdicts =
    armoredPublicKey(key).trim() === check.publicKey.trim()
      ? byOwnKey(signed, key)
      : await byGpgv(signed, check);
  return Object.entries(verdicts).flatMap(([name, verdict]) =>
    verdict ? [] : [{ name, problem: "is not signed by the repository's key" }],
  );
}

/** By file name, whether its signature is good; what is not there is not said. */
type Verdicts = Readonly<Record<string, boolean>>;

function byOwnKey({ release, inRelease, detached }: SignedRelease, key: OpenPgpKey): Verdicts {
  return {
    InRelease: isGood(() =>
      isSignedBy(key, "text", canonicalText(peelClearSigned(inRelease).content), inRelease),
    ),
    ...(detached === null
      ? {}
      : { "Release.gpg": isGood(() => isSignedBy(key, "binary", Buffer.from(release), detached)) }),
  };
}

/** What cannot be read as a signature is none. */
function isGood(check: () => boolean): boolean {
  try {
    return check();
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

async function byGpgv(
  { release, inRelease, detached }: SignedRelease,
  check: SignatureCheck,
): Promise<Verdicts> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-verify-"));
  try {
    const put = async (name: string, content: string | Uint8Array) => {
      await writeFile(join(directory, name), content);
      return join(directory, name);
    };
    const keyring = await put("key.gpg", dearmor(check.publicKey, "PUBLIC KEY BLOCK"));
    const plain = await put("Release", release);
    const clear = await put("InRelease", inRelease);
    const gpgv = (files: readonly string[]) => isAccepted(["--keyring", keyring, ...files], check.signal);
    return {
      InRelease: await gpgv([clear]),
      ...(detached === null
        ? {}
        : { "Release.gpg": await gpgv([await put("Release.gpg", detached), plain]) }),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function isAccepted(argv: readonly string[], signal: AbortSignal): Promise<boolean> {
  const execa = await loadExeca();
  try {
    await execa("gpgv", argv, { cancelSignal: signal });
    return true;
  } catch (cause) {
    signal.throwIfAborted();
    if (errorCode(cause) !== "ENOENT") return false;
    throw new Failure("infrastructure", "gpgv-missing", "This machine has no gpgv, which checks signatures", {
      hint: "Install it: `apt-get install gpgv`.",
      cause,
    });
  }
}
