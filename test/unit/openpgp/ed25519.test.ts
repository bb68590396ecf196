import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type OpenPgpKey,
  armoredPublicKey,
  canonicalText,
  clearSigned,
  detachedSignature,
  fingerprintOf,
  isSignedBy,
} from "../../../src/openpgp/ed25519.ts";
import { peelClearSigned } from "../../../src/debian/clear-signed.ts";
import { dearmor } from "../../../src/debian/openpgp-armor.ts";
import { ownKey } from "../../../src/openpgp/own-key.ts";

let directory: string;
let key: OpenPgpKey;
let other: OpenPgpKey;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-openpgp-"));
  key = await ownKey(join(directory, "a"));
  other = await ownKey(join(directory, "b"));
});

afterAll(() => rm(directory, { recursive: true }));

const text = "Origin: x\nSuite: trixie\nSHA256:\n abc 1 main/x\n";

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

describe("debkiln's own signatures", () => {
  test("are good to gpgv, clear-signed and detached, and no others are", async () => {
    const keyring = await put("key.gpg", dearmor(armoredPublicKey(key), "PUBLIC KEY BLOCK"));
    const good = await put("good", clearSigned(key, text, key.created));
    const signature = await put("signature", detachedSignature(key, Buffer.from(text), key.created));
    const foreign = await put("foreign", clearSigned(other, text, other.created));
    const release = await put("release", text);
    const altered = await put("altered", `${text}more\n`);
    const gpgv = async (...files: readonly string[]) => {
      const { exitCode } = await execa("gpgv", ["--keyring", keyring, ...files], { reject: false });
      return exitCode === 0;
    };

    expect(await gpgv(good)).toBe(true);
    expect(await gpgv(signature, release)).toBe(true);
    expect(await gpgv(signature, altered)).toBe(false);
    expect(await gpgv(foreign)).toBe(false);
  });

  test("are good to gpgv on texts with lines that are written in another way", async () => {
    const keyring = await put("lines.gpg", dearmor(armoredPublicKey(key), "PUBLIC KEY BLOCK"));
    const lines = "- a dash\n--- more\na space \nFrom here\n\n-\n";
    const signed = clearSigned(key, lines, key.created);

    const { exitCode } = await execa("gpgv", ["--keyring", keyring, await put("lines", signed)], {
      reject: false,
    });

    expect(exitCode).toBe(0);
    expect(peelClearSigned(signed).content).toBe(lines.replace("space \n", "space\n"));
  });

  test("are by a key that gpg shows with its name and fingerprint", async () => {
    const path = await put("key.asc", armoredPublicKey(key));

    const { stdout } = await execa("gpg", ["--homedir", directory, "--with-colons", "--show-keys", path]);

    expect(stdout).toContain(`:${fingerprintOf(key)}:`);
    expect(stdout).toContain(`:${key.userId}:`);
    expect(stdout).toMatch(/^pub:.*:22:.*:scSC:/m);
  });

  test("are told apart from altered ones and those of another key here too", () => {
    // Numbers with leading zeros are written shorter: one of so many signatures has some.
    for (let at = 0; at < 400; at++) {
      const signed = `${text}${at}`;
      const signature = detachedSignature(key, Buffer.from(signed), key.created + at);

      expect(isSignedBy(key, "binary", Buffer.from(signed), signature)).toBe(true);
    }
    const clear = clearSigned(key, text, key.created);

    expect(isSignedBy(key, "text", canonicalText(text), clear)).toBe(true);
    expect(isSignedBy(key, "binary", canonicalText(text), clear)).toBe(false);
    expect(isSignedBy(key, "text", canonicalText(`${text}x`), clear)).toBe(false);
    expect(isSignedBy(other, "text", canonicalText(text), clear)).toBe(false);
  });

  test("are the same for the same text and time", () => {
    expect(clearSigned(key, text, key.created)).toBe(clearSigned(key, text, key.created));
  });
});

describe("debkiln's own key", () => {
  test("is one for all who come to need it at the same time, and then stays", async () => {
    const place = join(directory, "many");

    const keys = await Promise.all(Array.from({ length: 8 }, () => ownKey(place)));

    expect(new Set(keys.map(fingerprintOf)).size).toBe(1);
    expect(fingerprintOf(await ownKey(place))).toBe(fingerprintOf(keys[0] ?? other));
  });

  test("is not made anew when its file holds something else", async () => {
    const place = join(directory, "broken");
    await ownKey(place);
    await writeFile(join(place, "repository-key.json"), "{}");

    await expect(ownKey(place)).rejects.toMatchObject({ fault: "usage", code: "bad-key" });
  });
});
