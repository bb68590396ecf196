import { execFileSync } from "node:child_process";
import { createPublicKey, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import {
  bundleType,
  isAbout,
  signatureStatement,
  signStatement,
  verifyBundle,
} from "../../../../src/oci/signature/bundle.ts";
import {
  generateKeyPair,
  readPublicKey,
  readSigningKey,
  signBytes,
  verifyBytes,
} from "../../../../src/oci/signature/key.ts";
import { readPayload, writePayload } from "../../../../src/oci/signature/simple-signing.ts";

const mine = generateKeyPair(null);
const theirs = generateKeyPair(null);
const key = readSigningKey(mine.privatePem, null, "mine");
const image = Buffer.from('{"schemaVersion":2}');
const digest = digestOf(image);

describe("a key", () => {
  const directory = mkdtempSync(join(tmpdir(), "debkiln-key-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };

  test("signs so that openssl verifies it, and no other key does", () => {
    const signature = file("sig", signBytes(key, image));
    const verify = (pem: string) =>
      execFileSync(
        "openssl",
        ["dgst", "-sha256", "-verify", file("pub", pem), "-signature", signature, file("image", image)],
        { encoding: "utf8", stdio: "pipe" },
      );

    expect(verify(mine.publicPem)).toBe("Verified OK\n");
    expect(() => verify(theirs.publicPem)).toThrow("Command failed");
    expect(verifyBytes(readPublicKey(theirs.publicPem, "k"), image, signBytes(key, image))).toBe(false);
  });

  test("that openssl made is read, in PKCS#8 and in its older form", () => {
    const path = join(directory, "openssl.key");
    execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path]);
    const pkcs8 = execFileSync("openssl", ["pkcs8", "-topk8", "-nocrypt", "-in", path], { encoding: "utf8" });
    const sec1 = execFileSync("openssl", ["ec", "-in", path], { encoding: "utf8", stdio: "pipe" });

    const [one, two] = [pkcs8, sec1].map((pem) => readSigningKey(pem, null, "k").publicKey);

    expect(one?.equals(two ?? key.publicKey)).toBe(true);
  });

  test("with a passphrase opens with that one only, here and in openssl", () => {
    const { privatePem, publicPem } = generateKeyPair("open sesame");
    const read = (passphrase: string | null) => readSigningKey(privatePem, passphrase, "my.key");

    expect(read("open sesame").publicKey.equals(createPublicKey(publicPem))).toBe(true);
    for (const wrong of [null, "", "open"]) {
      expect(() => read(wrong)).toThrow(
        expect.objectContaining({ fault: "usage", code: "wrong-passphrase" }),
      );
    }
    const flags = ["-passin", "pass:open sesame", "-in", file("secret", privatePem), "-pubout"];
    expect(execFileSync("openssl", ["pkey", ...flags], { encoding: "utf8" })).toBe(publicPem);
  });

  test.each([
    ["nonsense", "nonsense"],
    ["another curve", execFileSync("openssl", ["genpkey", "-algorithm", "ed25519"], { encoding: "utf8" })],
    [
      "cosign's form",
      "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n",
    ],
    ["a public key", mine.publicPem],
  ])("that is %s cannot sign", (_, pem) => {
    expect(() => readSigningKey(pem, null, "k")).toThrow(
      expect.objectContaining({ code: "bad-signing-key" }),
    );
  });

  test("that is private is not taken for a public one", () => {
    expect(() => readPublicKey(mine.privatePem, "k")).toThrow(
      expect.objectContaining({ code: "bad-signing-key" }),
    );
  });
});

describe("a payload", () => {
  test("claims what was written, with the same bytes each time", () => {
    const claim = { digest, reference: "registry.example/a:t" };

    expect(readPayload(writePayload(claim))).toEqual(claim);
    expect(writePayload(claim)).toEqual(writePayload({ ...claim }));
  });

  test.each([
    "nonsense",
    "{}",
    '{"critical":{"type":"other","image":{"docker-manifest-digest":"sha256:a"},"identity":{"docker-reference":"a"}}}',
  ])("%s claims nothing", (text) => {
    expect(readPayload(Buffer.from(text))).toBeNull();
  });
});

describe("a bundle", () => {
  const bundle = signStatement(key, signatureStatement(digest));

  test("says what its key signed, and nothing to another", () => {
    const said = verifyBundle(key.publicKey, bundle, image);

    expect(said).toEqual({ kind: "statement", statement: signatureStatement(digest) });
    expect(verifyBundle(readPublicKey(theirs.publicPem, "k"), bundle, image)).toBeNull();
    expect(said?.kind === "statement" && isAbout(said.statement, digest)).toBe(true);
    expect(said?.kind === "statement" && isAbout(said.statement, digestOf("other"))).toBe(false);
  });

  test("whose statement was altered says nothing", () => {
    const forged = Buffer.from(JSON.stringify(signatureStatement(digestOf("other")))).toString("base64");
    const altered = bundle.toString().replace(/"payload":"[^"]+"/, `"payload":"${forged}"`);

    expect(altered).not.toBe(bundle.toString());
    expect(verifyBundle(key.publicKey, Buffer.from(altered), image)).toBeNull();
  });

  test("of another payload type says nothing, though it is signed", () => {
    const payload = Buffer.from(JSON.stringify(signatureStatement(digest)));
    const signed = Buffer.concat([Buffer.from(`DSSEv1 10 text/plain ${payload.length} `), payload]);
    const dsseEnvelope = {
      payload: payload.toString("base64"),
      payloadType: "text/plain",
      signatures: [{ sig: signBytes(key, signed).toString("base64") }],
    };

    const other = Buffer.from(JSON.stringify({ mediaType: bundleType, dsseEnvelope }));

    expect(verifyBundle(key.publicKey, other, image)).toBeNull();
  });

  test("may sign the image's own bytes", () => {
    const signature = sign("sha256", image, key.privateKey).toString("base64");
    const message = Buffer.from(JSON.stringify({ mediaType: bundleType, messageSignature: { signature } }));

    expect(verifyBundle(key.publicKey, message, image)).toEqual({ kind: "message", digest });
    expect(verifyBundle(key.publicKey, message, Buffer.from("other"))).toBeNull();
  });

  test.each([
    "nonsense",
    "{}",
    `{"mediaType":"${bundleType}"}`,
    `{"mediaType":"${bundleType}","dsseEnvelope":{}}`,
  ])("that is %s says nothing", (text) => {
    expect(verifyBundle(key.publicKey, Buffer.from(text), image)).toBeNull();
  });
});
