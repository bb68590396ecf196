import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import type { OpenPgpKey } from "./ed25519.ts";

/** The file that holds the key: the secret part as PKCS #8, in PEM. */
const KeyFile = z.strictObject({
  schema: z.literal(1),
  created: z.int().nonnegative(),
  userId: z.string(),
  secret: z.string(),
});

/**
 * The key with which this user's repositories are signed unless another is named, made when it is first needed. It lies in a
 * directory of the user's data, never in a repository, which is there to be published.
 * @throws Failure bad-key (usage) for a file that holds none, not-writable (infrastructure).
 */
export async function ownKey(directory: string): Promise<OpenPgpKey> {
  return (await readKey(directory)) ?? (await makeKey(directory));
}

async function readKey(directory: string): Promise<OpenPgpKey | null> {
  const path = join(directory, fileName);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return null;
  try {
    const { created, userId, secret } = KeyFile.parse(JSON.parse(text));
    return { created, userId, secret: createPrivateKey(secret) };
  } catch (cause) {
    throw new Failure("usage", "bad-key", `${path} holds no key that debkiln made`, {
      hint: "Put the right file back; or remove it, and give each repository a new key with `debkiln repo sign`.",
      cause,
    });
  }
}

/** Of several processes that come to it at once, one's key is everyone's: it appears by link(2), whole. */
async function makeKey(directory: string): Promise<OpenPgpKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const content = KeyFile.parse({
    schema: 1,
    created: Math.floor(Date.now() / 1000),
    userId: `debkiln repositories of user ${process.getuid?.() ?? 0} on ${hostname()}`,
    secret: privateKey.export({ format: "pem", type: "pkcs8" }),
  });
  const path = join(directory, fileName);
  const written = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    await makeDirectory(directory);
    await writeFile(written, `${JSON.stringify(content)}\n`, { flag: "wx", mode: 0o600 });
    await link(written, path).catch((thrown: unknown) => {
      if (errorCode(thrown) !== "EEXIST") throw thrown;
    });
  } catch (cause) {
    throw new Failure("infrastructure", "not-writable", `Cannot keep a signing key in ${directory}`, {
      hint: "Make it writable for this user, or set XDG_DATA_HOME to a directory that is.",
      cause,
    });
  } finally {
    await rm(written, { force: true });
  }
  return await ownKey(directory);
}

const fileName = "repository-key.json";
