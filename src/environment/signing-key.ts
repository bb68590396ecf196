import { readFile } from "node:fs/promises";
import { Failure } from "../base/failure.ts";

/**
 * An OpenPGP keyring or key file, binary or not, as ASCII armor, so that it can stand in a deb822 text itself.
 * @throws Failure key-missing, bad-key (usage).
 */
export async function readSigningKey(path: string, whose: string): Promise<string> {
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw new Failure("usage", "key-missing", `Cannot read the key ${path} of ${whose}`, {
      hint: "Give the absolute path of an OpenPGP key file that you may read.",
      cause: thrown,
    });
  });
  return armoredKey(bytes, path);
}

/** Binary keys are wrapped (RFC 9580 §6.2); every packet begins with a set high bit (§4.2). */
function armoredKey(bytes: Buffer, origin: string): string {
  const text = bytes.toString("latin1");
  const from = text.indexOf(begin);
  if (from !== -1 && text.includes(end)) return text.slice(from, text.lastIndexOf(end) + end.length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) {
    const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
    return [begin, "", ...lines, end].join("\n");
  }
  throw new Failure("usage", "bad-key", `${origin} holds no OpenPGP public key`, {
    hint: "Export one with `gpg --export --armor KEY`; keyboxes (.kbx) are not read by apt.",
  });
}

const begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const end = "-----END PGP PUBLIC KEY BLOCK-----";
