import { createHash } from "node:crypto";
import { dearmorAll } from "./openpgp-armor.ts";

/** A public key with all that belongs to it (RFC 9580 §10.1, "transferable public key"). */
export interface Certificate {
  readonly bytes: Buffer;
  /** Of its primary key and its subkeys: hex digits, upper case. */
  readonly fingerprints: readonly string[];
}

/**
 * The certificates of a keyring or key file, binary or armored. What is behind a packet that cannot be read is left out, as
 * are keys of versions without a fingerprint to go by.
 */
export function certificatesIn(keyring: Buffer): readonly Certificate[] {
  const armored = dearmorAll(keyring.toString("latin1"), "PUBLIC KEY BLOCK");
  return (armored.length > 0 ? armored : [keyring]).flatMap(certificatesOf);
}

function certificatesOf(bytes: Buffer): readonly Certificate[] {
  const packets = [...packetsOf(bytes)];
  const starts = packets.flatMap(({ tag }, at) => (tag === publicKey ? [at] : []));
  return starts.map((start, at) => {
    const own = packets.slice(start, starts[at + 1]);
    return {
      bytes: bytes.subarray(own[0]?.begin, own.at(-1)?.end),
      fingerprints: own
        .filter(({ tag }) => tag === publicKey || tag === publicSubkey)
        .flatMap(({ body }) => fingerprintOf(body) ?? []),
    };
  });
}

const publicKey = 6;
const publicSubkey = 14;

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  readonly begin: number;
  readonly end: number;
}

/** RFC 9580 §4.2. Bodies of unknown length, which no key has, end the reading. */
function* packetsOf(bytes: Buffer): Generator<Packet> {
  for (let at = 0; at < bytes.length;) {
    const header = headerAt(bytes, at);
    if (header === null || header.body + header.length > bytes.length) return;
    const end = header.body + header.length;
    yield { tag: header.tag, body: bytes.subarray(header.body, end), begin: at, end };
    at = end;
  }
}

function headerAt(bytes: Buffer, at: number): { tag: number; body: number; length: number } | null {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  if ((first & 0x40) === 0) {
    const size = [1, 2, 4][first & 3];
    if (size === undefined || at + 1 + size > bytes.length) return null;
    return { tag: (first >> 2) & 15, body: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
  }
  const tag = first & 63;
  const lead = bytes[at + 1] ?? 255;
  if (lead < 192) return { tag, body: at + 2, length: lead };
  if (lead < 224) return { tag, body: at + 3, length: ((lead - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  if (lead < 255 || at + 6 > bytes.length) return null;
  return { tag, body: at + 6, length: bytes.readUInt32BE(at + 2) };
}

/** RFC 9580 §5.5.4; null for the versions 2 and 3, whose fingerprints are not to be trusted. */
function fingerprintOf(body: Buffer): string | null {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  if (body[0] === 4) return hash("sha1", Buffer.from([0x99]), length.subarray(2), body);
  if (body[0] === 6) return hash("sha256", Buffer.from([0x9b]), length, body);
  return null;
}

function hash(algorithm: string, ...parts: readonly Buffer[]): string {
  return createHash(algorithm).update(Buffer.concat(parts)).digest("hex").toUpperCase();
}
