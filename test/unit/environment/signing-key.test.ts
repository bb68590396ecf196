import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dearmorAll } from "../../../src/debian/openpgp-armor.ts";
import { certificatesIn } from "../../../src/debian/openpgp-certificates.ts";
import { signingKeyOf } from "../../../src/environment/signing-key.ts";

/** gpg as the oracle, with a home of its own in which there are two keys; the second has a subkey. */
let home: string;
let keyrings: readonly string[];
let fingerprints: { readonly first: string; readonly second: string; readonly subkey: string };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "debkiln-keys-"));
  await mkdir(join(home, "trusted"));
  for (const name of ["first", "second"]) await gpg("--quick-gen-key", name, "ed25519", "sign", "never");
  const [first = "", second = ""] = await listed();
  await gpg("--quick-add-key", second, "rsa2048", "sign", "never");
  const [, , subkey = ""] = await listed();
  fingerprints = { first, second, subkey };
  // One keyring of both keys as gpg writes it, one armored; and a file that is no key.
  await gpg("--output", join(home, "both.gpg"), "--export");
  await gpg("--armor", "--output", join(home, "trusted/second.asc"), "--export", second);
  await writeFile(join(home, "trusted/readme.gpg"), "not a key");
  keyrings = [join(home, "nowhere.gpg"), join(home, "nowhere/"), join(home, "trusted/")];
});

afterAll(async () => {
  await execa("gpgconf", ["--homedir", home, "--kill", "all"]);
  await rm(home, { recursive: true });
});

async function gpg(...words: readonly string[]): Promise<string> {
  const { stdout } = await execa("gpg", ["--homedir", home, "--batch", "--passphrase", "", ...words]);
  return stdout;
}

async function listed(): Promise<string[]> {
  const text = await gpg("--with-colons", "--list-keys");
  return [...text.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map(([, each = ""]) => each);
}

/** The fingerprints that gpg finds in a key. */
async function seenByGpg(key: string): Promise<string[]> {
  const { stdout } = await execa("gpg", ["--homedir", home, "--with-colons", "--show-keys"], { input: key });
  return [...stdout.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map(([, each = ""]) => each);
}

test("certificates and their fingerprints are read as gpg reads them", async () => {
  const both = await readFile(join(home, "both.gpg"));

  const certificates = certificatesIn(both);

  expect(certificates.map(({ fingerprints }) => fingerprints)).toEqual([
    [fingerprints.first],
    [fingerprints.second, fingerprints.subkey],
  ]);
  expect(Buffer.concat(certificates.map(({ bytes }) => bytes))).toEqual(both);
});

test("bytes cut anywhere give the certificates before the cut and never more than there are", async () => {
  const both = await readFile(join(home, "both.gpg"));

  for (let length = 0; length < both.length; length++)
    expect(certificatesIn(both.subarray(0, length)).length).toBeLessThanOrEqual(2);
});

describe("Signed-By", () => {
  test.each(["second", "subkey"] as const)("finds a key by the fingerprint of its %s key", async (which) => {
    const key = await signingKeyOf(fingerprints[which].toLowerCase(), "a repository", keyrings);

    expect(await seenByGpg(key)).toEqual([fingerprints.second, fingerprints.subkey]);
  });

  test("may name several, by fingerprint and by path, which become one armor", async () => {
    await cp(join(home, "both.gpg"), join(home, "other.gpg"));
    const named = `${fingerprints.second}, ${join(home, "other.gpg")}`;

    const key = await signingKeyOf(named, "a repository", keyrings);

    expect(dearmorAll(key, "PUBLIC KEY BLOCK")).toHaveLength(1);
    expect(new Set(await seenByGpg(key))).toEqual(new Set(Object.values(fingerprints)));
  });

  test("by a fingerprint that no keyring has, or of a very key, says what to do", async () => {
    const unknown = "0123456789ABCDEF0123456789ABCDEF01234567";

    await expect(signingKeyOf(unknown, "a repository", keyrings)).rejects.toMatchObject({
      code: "key-missing",
      message: expect.stringContaining(unknown),
      hint: expect.stringContaining(join(home, "trusted/")),
    });
    await expect(signingKeyOf(`${unknown}!`, "a repository", keyrings)).rejects.toMatchObject({
      code: "bad-key",
    });
    await expect(signingKeyOf("/nowhere.gpg", "a repository", keyrings)).rejects.toMatchObject({
      code: "key-missing",
    });
  });
});
