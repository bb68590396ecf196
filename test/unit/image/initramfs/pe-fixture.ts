/** An EFI executable with these sections, as far as its section table goes. */
export function peOf(sections: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const entries = Object.entries(sections).map(([name, content]) => ({ name, bytes: Buffer.from(content) }));
  const header = 0x80;
  const optionalLength = 112;
  const table = header + 24 + optionalLength;
  const head = Buffer.alloc(table + entries.length * 40);
  head.write("MZ", 0, "latin1");
  head.writeUInt32LE(header, 0x3c);
  head.write("PE\0\0", header, "latin1");
  head.writeUInt16LE(entries.length, header + 6);
  head.writeUInt16LE(optionalLength, header + 20);
  const parts = [head];
  let offset = head.length;
  for (const [index, { name, bytes }] of entries.entries()) {
    const at = table + index * 40;
    const raw = Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
    head.write(name, at, 8, "latin1");
    for (const [field, value] of [
      [8, bytes.length],
      [16, raw.length],
      [20, offset],
    ] as const)
      head.writeUInt32LE(value, at + field);
    parts.push(raw);
    offset += raw.length;
  }
  return Buffer.concat(parts);
}
