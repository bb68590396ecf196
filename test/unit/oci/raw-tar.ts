import { writePax } from "../../../src/oci/pax.ts";

export interface RawMember {
  readonly path?: string;
  readonly flag?: string;
  readonly mode?: number;
  readonly linkTarget?: string;
  /** PAX records, or the content itself. */
  readonly content?: string | Buffer | readonly (readonly [string, string | Buffer])[];
}

/** A ustar archive of whatever members, sensible or not. */
export function rawTar(members: readonly RawMember[]): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(1024)]);
}

function member({
  path = "pax",
  flag = "0",
  mode = 0o644,
  linkTarget = "",
  content = "",
}: RawMember): Buffer {
  const bytes =
    typeof content === "string"
      ? Buffer.from(content)
      : Buffer.isBuffer(content)
        ? content
        : writePax(new Map(content.map(([key, value]) => [key, Buffer.from(value)])));
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes.length, 11), 124);
  header.write(octal(1_700_000_000, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(flag, 156);
  header.write(linkTarget, 157);
  header.write("ustar\x0000", 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
