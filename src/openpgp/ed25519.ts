import { type KeyObject, createHash, createPublicKey, sign as signBytes, verify } from "node:crypto";
import { armor, dearmor } from "../debian/openpgp-armor.ts";

/** An Ed25519 key as OpenPGP has it (RFC 9580, algorithm 22: what gpg before 2.5 and Sequoia both read). */
export interface OpenPgpKey {
  readonly secret: KeyObject;
  /** Seconds since the epoch; part of its fingerprint. */
  readonly created: number;
  readonly userId: string;
}

/** Its public part with the name that it certifies itself (RFC 9580 §10.1), armored. */
export function armoredPublicKey(key: OpenPgpKey): string {
  const userId = Buffer.from(key.userId);
  const certified = Buffer.concat([hashedKey(key), Buffer.from([0xb4]), uint32(userId.length), userId]);
  const flags = subpacket(27, Buffer.from([0x03]));
  const certificate = signature(key, 0x13, certified, key.created, [flags]);
  const packets = [packet(6, publicKeyBody(key)), packet(13, userId), certificate];
  return armor("PUBLIC KEY BLOCK", Buffer.concat(packets));
}

/** 40 hex digits (RFC 9580 §5.5.4.2). */
export function fingerprintOf(key: OpenPgpKey): string {
  return createHash("sha1").update(hashedKey(key)).digest("hex").toUpperCase();
}

/**
 * The text in the cleartext framework (RFC 9580 §7), as InRelease files have it. The same key, text and time give the same
 * bytes.
 */
export function clearSigned(key: OpenPgpKey, text: string, time: number): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const body = lines.map((line) => (line.startsWith("-") ? `- ${line}` : line)).join("\n");
  const signed = signature(key, 0x01, canonicalText(text), time, []);
  const head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n";
  return `${head}${body}\n${armor("SIGNATURE", signed)}`;
}

/** A signature of its own over some bytes, as Release.gpg is. */
export function detachedSignature(key: OpenPgpKey, bytes: Uint8Array, time: number): string {
  return armor("SIGNATURE", signature(key, 0x00, bytes, time, []));
}

/** Whether an armored signature is this key's over some bytes; for a clear-signed text these are its canonical ones. */
export function isSignedBy(
  key: OpenPgpKey,
  kind: "text" | "binary",
  bytes: Uint8Array,
  armored: string,
): boolean {
  const parsed = ownSignature(armored);
  if (parsed === null || parsed.type !== (kind === "text" ? 0x01 : 0x00)) return false;
  const digest = digestOver(bytes, parsed.hashed);
  return verify(null, digest, createPublicKey(key.secret), parsed.value);
}

/** The canonical bytes of a clear-signed text's content (RFC 9580 §7.2). */
export function canonicalText(content: string): Buffer {
  const lines = content.replace(/\n$/, "").split("\n");
  return Buffer.from(lines.map((line) => line.replace(/[ \t\r]+$/, "")).join("\r\n"));
}

const algorithm = 22;
const sha512 = 10;
const curve = Buffer.from([0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01]);

function publicKeyBody({ secret, created }: OpenPgpKey): Buffer {
  const { x } = createPublicKey(secret).export({ format: "jwk" });
  const point = Buffer.concat([Buffer.from([0x40]), Buffer.from(x ?? "", "base64url")]);
  return Buffer.concat([Buffer.from([4]), uint32(created), Buffer.from([algorithm]), curve, mpi(point)]);
}

/** A key as signatures and fingerprints hash it. */
function hashedKey(key: OpenPgpKey): Buffer {
  const body = publicKeyBody(key);
  return Buffer.concat([Buffer.from([0x99]), uint16(body.length), body]);
}

/** A version 4 signature packet (RFC 9580 §5.2.3). */
function signature(
  key: OpenPgpKey,
  type: number,
  content: Uint8Array,
  time: number,
  more: readonly Buffer[],
): Buffer {
  const fingerprint = Buffer.from(fingerprintOf(key), "hex");
  const subpackets = Buffer.concat([
    subpacket(33, Buffer.concat([Buffer.from([4]), fingerprint])),
    subpacket(2, uint32(time)),
    ...more,
  ]);
  const hashed = Buffer.concat([
    Buffer.from([4, type, algorithm, sha512]),
    uint16(subpackets.length),
    subpackets,
  ]);
  const issuer = subpacket(16, fingerprint.subarray(12));
  const digest = digestOver(content, hashed);
  const value = signBytes(null, digest, key.secret);
  return packet(
    2,
    Buffer.concat([
      hashed,
      uint16(issuer.length),
      issuer,
      digest.subarray(0, 2),
      mpi(value.subarray(0, 32)),
      mpi(value.subarray(32)),
    ]),
  );
}

function digestOver(content: Uint8Array, hashed: Uint8Array): Buffer {
  const trailer = Buffer.concat([Buffer.from([4, 0xff]), uint32(hashed.length)]);
  return createHash("sha512").update(content).update(hashed).update(trailer).digest();
}

/** What `signature` writes, read back; null for anything else. */
function ownSignature(armored: string): { type: number; hashed: Buffer; value: Buffer } | null {
  const bytes = dearmor(armored, "SIGNATURE");
  const body = bytes[0] === (0xc0 | 2) ? bytes.subarray((bytes[1] ?? 0) < 192 ? 2 : 3) : Buffer.alloc(0);
  if (body.length < 12 || body[0] !== 4 || body[2] !== algorithm || body[3] !== sha512) return null;
  const hashed = body.subarray(0, 6 + body.readUInt16BE(4));
  if (hashed.length + 2 > body.length) return null;
  const at = hashed.length + 2 + body.readUInt16BE(hashed.length) + 2;
  const first = readMpi(body, at);
  const second = first === null ? null : readMpi(body, first.end);
  if (first === null || second === null) return null;
  return { type: body[1] ?? 0, hashed, value: Buffer.concat([first.value, second.value]) };
}

/** A number of at most 32 bytes, filled up to these. */
function readMpi(bytes: Buffer, at: number): { readonly value: Buffer; readonly end: number } | null {
  if (at + 2 > bytes.length) return null;
  const length = Math.ceil(bytes.readUInt16BE(at) / 8);
  const end = at + 2 + length;
  if (length > 32 || end > bytes.length) return null;
  return { value: Buffer.concat([Buffer.alloc(32 - length), bytes.subarray(at + 2, end)]), end };
}

/** New-format header; bodies here are shorter than 8384 bytes (RFC 9580 §4.2.1). */
function packet(tag: number, body: Buffer): Buffer {
  const length =
    body.length < 192
      ? Buffer.from([body.length])
      : Buffer.from([((body.length - 192) >> 8) + 192, (body.length - 192) & 0xff]);
  return Buffer.concat([Buffer.from([0xc0 | tag]), length, body]);
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

function mpi(bytes: Uint8Array): Buffer {
  const from = bytes.findIndex((byte) => byte !== 0);
  const value = bytes.subarray(from < 0 ? bytes.length : from);
  const bits = value.length === 0 ? 0 : value.length * 8 - Math.clz32(value[0] ?? 0) + 24;
  return Buffer.concat([uint16(bits), value]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
