import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { peelClearSigned } from "../../../src/debian/clear-signed.ts";
import { secretKeys } from "../../../src/openpgp/gpg-key.ts";
import { programSigner } from "../../../src/openpgp/program-signer.ts";
import type { Signer } from "../../../src/openpgp/signer.ts";
import { signingFailure } from "../../../src/openpgp/signing-failure.ts";

describe("signing with gpg", () => {
  const before = process.env["GNUPGHOME"];
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "debkiln-gnupg-"));
    process.env["GNUPGHOME"] = home;
    await newKey("Good <good@mirror.example>", "", "never");
    await newKey("Locked <locked@mirror.example>", "secret", "never");
    await newKey("Old <old@mirror.example>", "", "20200102T000000");
    // What was unlocked while keys were made must not stay so.
    await execa("gpgconf", ["--kill", "all"]);
  }, 60_000);

  afterAll(async () => {
    await execa("gpgconf", ["--kill", "all"]);
    if (before === undefined) delete process.env["GNUPGHOME"];
    else process.env["GNUPGHOME"] = before;
    // The agent removes its sockets meanwhile.
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
  });

  test("gives a text in a signature that gpg finds good", async () => {
    const text = "Format: 1.8\n- a line with a dash\nSource: hello\n";

    const signed = await signer("<good@mirror.example>").clearSign(text);

    expect(peelClearSigned(signed).content).toBe(text);
    const verified = await execa("gpg", ["--verify", "-"], { input: signed });
    expect(verified.stderr).toContain('Good signature from "Good <good@mirror.example>"');
  });

  test("gives a signature apart from what it is of", async () => {
    const signature = await signer("good@mirror.example").detachedSignature(Buffer.from("{}\n"));

    expect(signature).toMatch(/^-----BEGIN PGP SIGNATURE-----\n/);
  });

  test("gives out and signs by the one key that its name means, of those that the name is part of", async () => {
    await using other = await keyOfAnother("Evil <not-good@mirror.example>");
    await execa("gpg", ["--batch", "--quiet", "--import"], { input: other.publicKey });

    const exported = await signer("good@mirror.example").publicKey();

    const { stdout } = await execa("gpg", ["--with-colons", "--show-keys"], { input: exported });
    expect(stdout.match(/^pub:/gm)).toHaveLength(1);
    expect(stdout).toContain(":Good <good@mirror.example>:");
  });

  test("names the keys that can sign when a name is part of several", async () => {
    await expect(signer("mirror.example").requireUsable()).rejects.toMatchObject({
      fault: "usage",
      code: "signing-key-ambiguous",
      details: { fingerprints: [expect.stringMatching(/^[0-9A-F]{40}$/), expect.any(String)] },
    });
  });

  test("gives the public key of one that has expired", async () => {
    expect(await signer("old@mirror.example").publicKey()).toContain("BEGIN PGP PUBLIC KEY BLOCK");
  });

  test.each([
    ["there is none", "nobody@mirror.example", "signing-key-missing"],
    ["it has expired", "old@mirror.example", "signing-key-expired"],
    ["it is locked, and there is nobody to ask", "locked@mirror.example", "signing-key-locked"],
  ])("says of a key that %s", async (_, key, code) => {
    await expect(signer(key).clearSign("x\n")).rejects.toMatchObject({ fault: "usage", code });
  });

  test.each([
    ["there is none", "nobody@mirror.example", "signing-key-missing"],
    ["it has expired", "old@mirror.example", "signing-key-expired"],
  ])("says before a build of a key that %s", async (_, key, code) => {
    await expect(signer(key).requireUsable()).rejects.toMatchObject({ fault: "usage", code });
  });

  test.each(["good@mirror.example", "locked@mirror.example"])(
    "lets a build begin with the key %s",
    async (key) => {
      await expect(signer(key).requireUsable()).resolves.toBeUndefined();
    },
  );
});

test("gpg's list of secret keys tells which can sign, by a subkey too", () => {
  const listing = [
    "sec:u:255:22:AA:1:::u:::cSC:::#::ed25519:::0:",
    "fpr:::::::::FIRST:",
    "uid:u::::1::X::sec <a@b.c>::::::::::0:",
    "ssb:u:255:22:BB:1::::::s:::+::ed25519::",
    "fpr:::::::::SUBKEY:",
    "sec:e:255:22:CC:1:2::u:::sc:::+::ed25519:::0:",
    "fpr:::::::::EXPIRED:",
    "sec:u:255:22:DD:1:::u:::cE:::+::ed25519:::0:",
    "fpr:::::::::ENCRYPTS:",
  ];

  expect(secretKeys(listing.join("\n"))).toEqual([
    { fingerprint: "FIRST", canSign: true },
    { fingerprint: "EXPIRED", canSign: false },
    { fingerprint: "ENCRYPTS", canSign: false },
  ]);
});

describe("what signing programs say", () => {
  const fingerprint = "0123456789ABCDEF0123456789ABCDEF01234567";

  test.each([
    ["gpg: signing failed: Operation cancelled", "signing-key-locked"],
    ["gpg: signing failed: Timeout", "signing-key-locked"],
    ["gpg: signing failed: No space left on device", "signing-failed"],
    ["  Error: Failed to load key: not found", "signing-key-missing"],
  ])("is understood: %s", (said, code) => {
    expect(signingFailure(said, { kind: "gpg", id: "KEY" })).toMatchObject({ code });
  });

  test.each([
    [
      `Failed to resolve --signer-email "nobody@mirror.example"\nbecause: No certificates matched nobody@mirror.example`,
      "signing-key-missing",
    ],
    [
      `Failed to resolve --signer ${fingerprint}\nbecause: ${fingerprint} was not found`,
      "signing-key-missing",
    ],
    [
      `${fingerprint} was not considered because\n         it is: missing the secret key\nbecause: Found no suitable key on ${fingerprint}`,
      "signing-key-missing",
    ],
    [
      `${fingerprint} was not considered because\n         it is: not alive\nbecause: Found no suitable key on ${fingerprint}`,
      "signing-key-expired",
    ],
    [
      `because: ${fingerprint}, Old <old@mirror.example> cannot be authenticated at the required level (0 of 120).`,
      "signing-key-unauthenticated",
    ],
    ["Found argument '--batch' which wasn't expected, or isn't valid in this context", "signer-too-old"],
  ])("is understood of sq: %s", (said, code) => {
    const failure = signingFailure(`\n  Error: ${said}\n`, { kind: "sq", id: "KEY" });

    expect(failure).toMatchObject({ code, hint: expect.stringContaining("sq") });
  });
});

async function newKey(name: string, passphrase: string, expires: string): Promise<void> {
  const loopback = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase];
  const clock = expires === "never" ? [] : ["--faked-system-time", "20200101T000000!"];
  await execa("gpg", [...loopback, ...clock, "--quick-generate-key", name, "ed25519", "sign", expires]);
}

/** A key whose secret is elsewhere. */
async function keyOfAnother(name: string) {
  const elsewhere = await mkdtemp(join(tmpdir(), "debkiln-gnupg-"));
  const home = `--homedir=${elsewhere}`;
  const loopback = [home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
  await execa("gpg", [...loopback, "--quick-generate-key", name, "ed25519", "sign", "never"]);
  const { stdout } = await execa("gpg", [home, "--batch", "--armor", "--export"]);
  return {
    publicKey: stdout,
    [Symbol.asyncDispose]: async () => {
      await execa("gpgconf", ["--homedir", elsewhere, "--kill", "all"]);
      await rm(elsewhere, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function signer(key: string): Signer {
  return programSigner({ kind: "gpg", id: key }, new AbortController().signal);
}
