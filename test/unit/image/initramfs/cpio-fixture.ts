/** What an archive is to hold: a text is a file, null a directory, `{ link }` a symbolic link. */
export type Members = Readonly<Record<string, string | Uint8Array | null | { readonly link: string }>>;

/** A cpio archive in "newc" form. Its length is a multiple of 512, as cpio(1) makes it. */
export function cpioOf(members: Members): Buffer {
  const parts = Object.entries(members).map(([path, member]) => memberBytes(path, member));
  const archive = Buffer.concat([...parts, memberBytes("TRAILER!!!", "")]);
  return Buffer.concat([archive, Buffer.alloc((512 - (archive.length % 512)) % 512)]);
}

function memberBytes(path: string, member: Members[string]): Buffer {
  const [mode, content] = contentOf(member ?? null);
  const name = Buffer.from(`${path}\0`);
  const fields = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

function contentOf(member: NonNullable<Members[string]> | null): [mode: number, content: Buffer] {
  if (member === null) return [0o040755, Buffer.alloc(0)];
  if (typeof member === "object" && "link" in member) return [0o120777, Buffer.from(member.link)];
  return [0o100644, Buffer.from(member)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
