import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verdictOf } from "../../../src/openpgp/gpgv-status.ts";

const signed = "1700000000";
const line = (...words: readonly string[]) => `[GNUPG:] ${words.join(" ")}\n`;
const valid = line(
  "VALIDSIG",
  "F".repeat(40),
  "2023-11-14",
  signed,
  "0",
  "4",
  "0",
  "22",
  "10",
  "01",
  "A".repeat(40),
);

const outlived = (end: string) =>
  line("NEWSIG") + line("KEYEXPIRED", end) + line("EXPKEYSIG", "AB", "Jane%20D%C3%B6e <j@b.c>") + valid;

describe("verdictOf", () => {
  test("takes a key that expired after it signed, and no other expired one", () => {
    expect(verdictOf(outlived("1700000001"))).toEqual({
      kind: "good",
      fingerprint: "A".repeat(40),
      owner: "Jane Döe <j@b.c>",
      expired: 1_700_000_001,
    });
    expect(verdictOf(outlived(signed))).toMatchObject({ kind: "expired", owner: "Jane Döe <j@b.c>" });
  });

  test.each([
    ["revoked", line("NEWSIG") + line("REVKEYSIG", "AB", "J") + valid],
    ["expired", line("NEWSIG") + line("EXPSIG", "AB", "J") + valid],
    ["unusable", line("NEWSIG") + line("ERRSIG", "AB", "1", "1", "01", signed, "4")],
    ["unusable", line("NODATA", "1")],
    ["unusable", "gpgv: Good signature from nobody\n[GNUPG:]GOODSIG\n"],
    ["unusable", line("NEWSIG") + line("GOODSIG", "AB", "J")],
    ["good", line("NEWSIG") + line("NO_PUBKEY", "AB") + line("NEWSIG") + line("GOODSIG", "AB", "J") + valid],
    ["bad", line("NEWSIG") + line("GOODSIG", "AB", "J") + valid + line("NEWSIG") + line("BADSIG", "AB", "J")],
    [
      "revoked",
      line("NEWSIG") +
        line("GOODSIG", "AB", "J") +
        valid +
        line("NEWSIG") +
        line("REVKEYSIG", "AB", "J") +
        valid,
    ],
  ])("is %s of %j", (kind, status) => {
    expect(verdictOf(status).kind).toBe(kind);
  });
});

describe("gpgv's own words", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "debkiln-gpg-"));
    for (const [name, time] of [
      ["one", "20200101T000000"],
      ["two", "20200101T000000"],
    ] as const)
      await gpg(
        `--faked-system-time=${time}`,
        "--passphrase",
        "",
        "--quick-generate-key",
        name,
        "ed25519",
        "sign",
        name === "one" ? "1y" : "0",
      );
    for (const name of ["one", "two"])
      await writeFile(join(home, `${name}.gpg`), (await gpg("--export", name)).stdout, "latin1");
    await writeFile(join(home, "text"), "Format: 1.0\n");
    for (const name of ["one", "two"])
      await gpg(
        "--faked-system-time=20200601T000000",
        "-u",
        name,
        "-o",
        join(home, `${name}.asc`),
        "--clear-sign",
        join(home, "text"),
      );
    const { stdout } = await execa("sed", ["s/1.0/1.1/", join(home, "two.asc")]);
    await writeFile(join(home, "altered.asc"), `${stdout}\n`);
  });
  afterAll(async () => {
    await execa("gpgconf", ["--homedir", home, "--kill", "all"]);
    await rm(home, { recursive: true });
  });

  test.each([
    ["two", "two", "good"],
    ["one", "one", "good"],
    ["two", "one", "unknown-key"],
    ["altered", "two", "bad"],
    ["text", "two", "unusable"],
  ])("on %s with the key %s are understood as %s", async (file, ring, kind) => {
    const path = file === "text" ? join(home, file) : join(home, `${file}.asc`);
    const argv = ["--status-fd", "1", "--output", "/dev/null", "--keyring", join(home, `${ring}.gpg`), path];
    const { stdout } = await execa("gpgv", argv, { reject: false });

    expect(verdictOf(stdout)).toMatchObject({
      kind,
      ...(ring === "one" && kind === "good" ? { expired: 1_609_372_800 } : {}),
    });
  });

  function gpg(...words: readonly string[]) {
    return execa("gpg", ["--homedir", home, "--batch", "--pinentry-mode", "loopback", ...words], {
      encoding: "latin1",
      stripFinalNewline: false,
    });
  }
});
