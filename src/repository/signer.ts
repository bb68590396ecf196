import { execa } from "execa";
import { Failure } from "../base/failure.ts";
import { errorCode } from "../base/system-error.ts";
import { armoredPublicKey, clearSigned, detachedSignature } from "./openpgp.ts";
import { ownKey } from "./own-key.ts";
import type { SigningKey } from "./settings.ts";

/** A Release file's signatures: as InRelease has it, and as Release.gpg. */
export interface Signatures {
  readonly inRelease: string;
  readonly detached: string;
}

/** Whoever signs a repository. */
export interface Signer {
  /** Its public key, armored. */
  readonly publicKey: string;
  /** @throws Failure signing-failed (infrastructure). */
  sign(release: string, date: Date): Promise<Signatures>;
}

/** Where keys are, and what bounds the work with them. */
export interface Keyring {
  /** The directory of the key that debkiln makes for this user. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * The signer that is meant: with debkiln's key in this process, with the user's by gpg or sq on this machine, which ask
 * their agents for the secret part. @throws Failure signing-key-missing (usage), signing-failed (infrastructure).
 */
export async function openSigner(key: SigningKey, keyring: Keyring): Promise<Signer> {
  if (key.kind === "own") return ownSigner(keyring);
  const program = key.kind === "gpg" ? gpg(key.id) : sq(key.id);
  return await programSigner(program, key.id, keyring.signal);
}

async function ownSigner({ directory }: Keyring): Promise<Signer> {
  const key = await ownKey(directory);
  return {
    publicKey: armoredPublicKey(key),
    sign: async (release, date) => {
      const time = Math.max(key.created, Math.floor(date.getTime() / 1000));
      return {
        inRelease: clearSigned(key, release, time),
        detached: detachedSignature(key, release, time),
      };
    },
  };
}

/** The command lines of a program that signs what it reads on its standard input. */
interface SigningProgram {
  readonly name: "gpg" | "sq";
  readonly publicKey: readonly string[];
  readonly clearSign: readonly string[];
  readonly detach: readonly string[];
}

function gpg(id: string): SigningProgram {
  const words = ["--batch", "--no-tty", "--local-user", id, "--digest-algo", "SHA512"];
  return {
    name: "gpg",
    publicKey: ["--batch", "--armor", "--export-options", "export-minimal", "--export", "--", id],
    clearSign: [...words, "--clear-sign"],
    detach: [...words, "--armor", "--detach-sign"],
  };
}

/** The command line that Sequoia promises to keep since sq 1.0. */
function sq(id: string): SigningProgram {
  return {
    name: "sq",
    publicKey: ["--batch", "cert", "export", "--cert", id],
    clearSign: ["--batch", "sign", "--signer", id, "--cleartext"],
    detach: ["--batch", "sign", "--signer", id, "--signature-file", "-"],
  };
}

async function programSigner(program: SigningProgram, id: string, signal: AbortSignal): Promise<Signer> {
  const publicKey = await run(program, program.publicKey, "", signal);
  if (!publicKey.includes("BEGIN PGP PUBLIC KEY BLOCK")) throw keyMissing(program, id);
  return {
    publicKey,
    sign: async (release) => {
      const inRelease = await run(program, program.clearSign, release, signal);
      return { inRelease, detached: await run(program, program.detach, release, signal) };
    },
  };
}

async function run(
  { name }: SigningProgram,
  argv: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { stdout } = await execa(name, argv, { input, cancelSignal: signal, stripFinalNewline: false });
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    const isAbsent = errorCode(cause) === "ENOENT";
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    const why = isAbsent ? "it is not installed" : (said.split("\n").at(-1) ?? "");
    throw new Failure("infrastructure", "signing-failed", `${name} could not sign the repository: ${why}`, {
      hint: isAbsent
        ? `Install ${name}, or sign with debkiln's own key (\`debkiln repo sign DIR --key own\`).`
        : "The details have all that it said; its agent may need a passphrase or a card.",
      details: { argv: [name, ...argv], output: said },
      cause,
    });
  }
}

function keyMissing({ name }: SigningProgram, id: string): Failure {
  return new Failure("usage", "signing-key-missing", `${name} has no key ${id}`, {
    hint:
      name === "gpg"
        ? "`gpg --list-secret-keys` shows those that can sign."
        : "`sq key list` shows those that can sign.",
  });
}
