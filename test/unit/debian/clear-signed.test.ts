import { describe, expect, test } from "vitest";
import { peelClearSigned } from "../../../src/debian/clear-signed.ts";

const signature = "-----BEGIN PGP SIGNATURE-----\n\niHUE\n=abcd\n-----END PGP SIGNATURE-----\n";
const sign = (text: string) => `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}${signature}`;

describe("peelClearSigned", () => {
  test("gives the signed text without armor and escapes", () => {
    expect(peelClearSigned(sign("A: 1\n- -b\n"))).toEqual({ content: "A: 1\n-b\n", signed: true });
  });

  test("gives text without armor back as it is", () => {
    expect(peelClearSigned("A: 1\n")).toEqual({ content: "A: 1\n", signed: false });
  });

  test.each([
    ["Evil: 1\n" + sign("A: 1\n"), "begins before its signed part"],
    [sign("A: 1\n") + "Evil: 1\n", "goes on after its signature"],
    [sign("A: 1\n").replace(signature, ""), "is cut off"],
    [sign("A: 1\n").replace("-----END PGP SIGNATURE-----", ""), "is cut off"],
    [sign("-----BEGIN PGP SIGNED MESSAGE-----\n\nA: 1\n"), "armor inside its signed part"],
    [sign("A: 1\n").replace("\n\nA: 1", "\nA: 1"), "is cut off"],
  ])("refuses %j, of which a part is not covered by the signature", (text, why) => {
    expect(() => peelClearSigned(text)).toThrow(
      expect.objectContaining({ code: "bad-signature-armor", message: expect.stringContaining(why) }),
    );
  });
});
