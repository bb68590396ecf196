import { Failure } from "../base/failure.ts";

/** A member of an ar archive. */
export interface ArMember {
  readonly name: string;
  readonly size: number;
  /** Its bytes, once. What is left unread is skipped when the next member is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The members of an ar archive of the kind that packages are (deb(5), ar(5)), one at a time, as the bytes come; memory
 * stays flat. Long names of GNU's and BSD's extensions are not read, for no package has them.
 * @throws Failure bad-deb (package) for bytes that are no ar archive or end early.
 */
export async function* readAr(
  bytes: AsyncIterable<Uint8Array>,
  origin: string,
): AsyncGenerator<ArMember, void, undefined> {
  await using input = new ByteInput(bytes);
  const magic = await input.take(8);
  if (latin(magic) !== "!<arch>\n") throw badDeb(origin, "it does not begin as an ar archive does");
  for (;;) {
    const header = await input.take(headerLength);
    if (header.length === 0) return;
    const { name, size } = readHeader(header, origin);
    const member = { left: size };
    yield { name, size, content: input.some(member, origin) };
    for await (const _ of input.some(member, origin));
    if (size % 2 === 1) await input.take(1);
  }
}

/** The failure of a file that is not a Debian package, or a hostile one. */
export function badDeb(origin: string, why: string, cause?: unknown): Failure {
  return new Failure("package", "bad-deb", `${origin} is no Debian package: ${why}`, {
    hint: "Fetch or build it again; `dpkg-deb --info` tells what dpkg thinks of it.",
    details: { origin },
    ...(cause === undefined ? {} : { cause }),
  });
}

const headerLength = 60;

/** Name, times, owners and mode, size in decimal, and an end mark, each padded with spaces. */
function readHeader(header: Uint8Array, origin: string): { readonly name: string; readonly size: number } {
  const text = latin(header);
  if (header.length < headerLength || !text.endsWith("`\n"))
    throw badDeb(origin, "a member's header is cut short or damaged");
  const size = text.slice(48, 58).trimEnd();
  if (!/^[0-9]{1,10}$/.test(size)) throw badDeb(origin, "a member has no size");
  const name = text.slice(0, 16).trimEnd().replace(/\/$/, "");
  return { name, size: Number(size) };
}

/** Bytes that come in chunks of any size, taken in the sizes that are wanted. */
class ByteInput implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** So many bytes, or fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.#next(missing);
      if (part === null) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** The bytes of a member that are left, counted down as they are given. */
  async *some(member: { left: number }, origin: string): AsyncGenerator<Uint8Array, void, undefined> {
    while (member.left > 0) {
      const part = await this.#next(member.left);
      if (part === null) throw badDeb(origin, "it is cut short");
      member.left -= part.length;
      yield part;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(most: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done === true) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
