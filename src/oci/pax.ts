import { malformedTar } from "./tar-malformed.ts";
import { bytesOf, textOf } from "./raw-text.ts";

/** The values of PAX records by keyword, as their bytes: xattrs are no text. */
export type PaxRecords = ReadonlyMap<string, Buffer>;

/**
 * Reads `LENGTH KEYWORD=VALUE\n` records (POSIX.1-2017, pax, "pax Extended Header"). Of records with one keyword the last
 * counts. @throws Failure tar-malformed (infrastructure).
 */
export function readPax(block: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < block.length;) {
    const space = block.indexOf(0x20, at);
    const digits = block.toString("latin1", at, Math.max(at, space));
    const end = at + Number(digits);
    if (!/^[1-9]\d{0,8}$/.test(digits) || end > block.length || block[end - 1] !== newline)
      throw malformedTar("it has a PAX record of a wrong length");
    const equals = block.indexOf(0x3d, space);
    if (equals === -1 || equals >= end || equals === space + 1)
      throw malformedTar("it has a PAX record without a keyword");
    records.set(textOf(block.subarray(space + 1, equals)), block.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** The records as they stand in a PAX header, in the order of their keywords. */
export function writePax(records: PaxRecords): Buffer {
  const sorted = [...records].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Buffer.concat(sorted.map(([keyword, value]) => record(keyword, value)));
}

const newline = 0x0a;

/** A record's length counts its own digits. */
function record(keyword: string, value: Buffer): Buffer {
  const body = Buffer.concat([
    Buffer.from(" "),
    bytesOf(keyword),
    Buffer.from("="),
    value,
    Buffer.from("\n"),
  ]);
  let length = body.length;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}
