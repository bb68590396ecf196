import { Failure } from "../base/failure.ts";

/**
 * Bytes as OpenPGP's ASCII armor of a kind (RFC 9580 §6.2), with the checksum that gpg before 2.4 cannot do without when the
 * text ends without padding.
 */
export function armor(kind: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  const checksum = `=${crc24(bytes).toString("base64")}`;
  return [`-----BEGIN PGP ${kind}-----`, "", ...lines, checksum, `-----END PGP ${kind}-----`, ""].join("\n");
}

/** The bytes inside the first armor of a kind. @throws Failure bad-key (usage) when there is none. */
export function dearmor(text: string, kind: string): Buffer {
  const [first] = dearmorAll(text, kind);
  if (first !== undefined) return first;
  throw new Failure("usage", "bad-key", `There is no armored PGP ${kind.toLowerCase()} where one is due`, {
    hint: "Export one with `gpg --export --armor KEY`.",
  });
}

/** The bytes inside each armor of a kind in a text. */
export function dearmorAll(text: string, kind: string): readonly Buffer[] {
  const form = new RegExp(
    `-----BEGIN PGP ${kind}-----\\r?\\n(?:[^\\n]+\\n)*\\r?\\n([A-Za-z0-9+/=\\s]+?)(?:\\n=[A-Za-z0-9+/]{4}\\s*)?\\n?-----END PGP ${kind}-----`,
    "g",
  );
  return [...text.matchAll(form)].map(([, base64 = ""]) => Buffer.from(base64, "base64"));
}

/** RFC 9580 §6.1. */
function crc24(bytes: Buffer): Buffer {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x800000 ? 0x1864cfb : 0);
  }
  const result = Buffer.alloc(3);
  result.writeUIntBE(crc & 0xffffff, 0, 3);
  return result;
}
