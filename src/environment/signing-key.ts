import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { armor } from "../debian/openpgp-armor.ts";
import { certificatesIn } from "../debian/openpgp-certificates.ts";

/**
 * An OpenPGP keyring or key file, binary or not, as ASCII armor, so that it can stand in a deb822 text itself.
 * @throws Failure key-missing, bad-key (usage).
 */
export async function readSigningKey(path: string, whose: string): Promise<string> {
  return armoredKey(await readKey(path, whose), path);
}

/**
 * What a Signed-By field names as armor: paths of key files and fingerprints of keys in this host's keyrings
 * (sources.list(5)), one or several.
 * @throws Failure key-missing, bad-key (usage).
 */
export async function signingKeyOf(
  signedBy: string,
  whose: string,
  keyrings: readonly string[] = hostKeyrings,
): Promise<string> {
  const words = signedBy.split(/[\s,]+/).filter((word) => word !== "");
  const [only = "", ...others] = words;
  if (others.length === 0 && !fingerprint.test(only)) return readSigningKey(only, whose);
  const keys = words.map((word) =>
    fingerprint.test(word) ? findKey(word, whose, keyrings) : wholeKeyring(word, whose),
  );
  return wrapped(Buffer.concat(await Promise.all(keys)));
}

/** Version 4 has 40 digits, version 6 has 64. With `!` behind it means this very key or subkey and no other of its owner's. */
const fingerprint = /^(?:[0-9a-f]{40}|[0-9a-f]{64})!?$/i;

/** Where apt has keys, those first that it trusts for every repository; directories end in a slash. */
const hostKeyrings = [
  "/etc/apt/trusted.gpg",
  "/etc/apt/trusted.gpg.d/",
  "/etc/apt/keyrings/",
  "/usr/share/keyrings/",
] as const;

/** The bytes of the certificate that has the key of a fingerprint. */
async function findKey(word: string, whose: string, keyrings: readonly string[]): Promise<Buffer> {
  if (word.endsWith("!")) {
    throw new Failure("usage", "bad-key", `${whose} is to be signed by the very key ${word}`, {
      hint: "Export that key alone into a file (`gpg --export --armor KEY!`), and name the file.",
    });
  }
  for (const path of await keyFiles(keyrings)) {
    const bytes = await readFile(path).catch(() => null);
    const found = bytes === null ? undefined : certificatesIn(bytes).find(has(word));
    if (found !== undefined) return found.bytes;
  }
  throw new Failure("usage", "key-missing", `No keyring of this host has the key ${word} of ${whose}`, {
    hint: `Put the key's file into /etc/apt/keyrings, or give its path. Looked at: ${keyrings.join(", ")}.`,
  });
}

function has(word: string): (certificate: { readonly fingerprints: readonly string[] }) => boolean {
  return ({ fingerprints }) => fingerprints.includes(word.toUpperCase());
}

async function wholeKeyring(path: string, whose: string): Promise<Buffer> {
  const found = certificatesIn(await readKey(path, whose)).map(({ bytes }) => bytes);
  if (found.length === 0) throw noKey(path);
  return Buffer.concat(found);
}

async function keyFiles(keyrings: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(
    keyrings.map(async (place) => {
      if (!place.endsWith("/")) return [place];
      const names = (await readdir(place).catch(nullIfMissing)) ?? [];
      return names.filter((name) => /\.(gpg|asc|pgp)$/.test(name)).map((name) => join(place, name));
    }),
  );
  return files.flatMap((each) => each.toSorted());
}

async function readKey(path: string, whose: string): Promise<Buffer> {
  return readFile(path).catch((thrown: unknown) => {
    throw new Failure("usage", "key-missing", `Cannot read the key ${path} of ${whose}`, {
      hint: "Give the absolute path of an OpenPGP key file that you may read, or the fingerprint of a key in apt's keyrings.",
      cause: thrown,
    });
  });
}

/** Binary keys are wrapped (RFC 9580 §6.2); every packet begins with a set high bit (§4.2). */
function armoredKey(bytes: Buffer, origin: string): string {
  const text = bytes.toString("latin1");
  const from = text.indexOf(begin);
  if (from !== -1 && text.includes(end)) return text.slice(from, text.lastIndexOf(end) + end.length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) return wrapped(bytes);
  throw noKey(origin);
}

function wrapped(bytes: Buffer): string {
  return armor(kind, bytes).trimEnd();
}

function noKey(origin: string): Failure {
  return new Failure("usage", "bad-key", `${origin} holds no OpenPGP public key`, {
    hint: "Export one with `gpg --export --armor KEY`; keyboxes (.kbx) are not read by apt.",
  });
}

const kind = "PUBLIC KEY BLOCK";
const begin = `-----BEGIN PGP ${kind}-----`;
const end = `-----END PGP ${kind}-----`;
