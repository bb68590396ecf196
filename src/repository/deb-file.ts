import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Digest } from "../base/digest.ts";
import { throwIfAborted } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { type ArMember, badDeb, readAr } from "../debian/ar.ts";
import { type BinaryPackage, parseBinaryControl } from "../debian/binary-package.ts";
import { type TarMember, readTar } from "../oci/tar-reader.ts";
import { behind, compressionOf, decompressed } from "./decompress.ts";

/** What an archive needs to know of a .deb. */
export interface DebFile {
  readonly package: BinaryPackage;
  readonly sizeBytes: number;
  readonly sha256: Digest;
  /** What it installs, without directories: relative to the root, in the package's order. */
  readonly paths: readonly string[];
  /** What its libraries give to others (deb-symbols(5)), as it has it; "" when it says nothing of that. */
  readonly symbols: string;
}

/** Bounds on what is unpacked, in bytes: more than any package has. */
export interface DebLimits {
  readonly control: number;
  readonly data: number;
  /** Of the paths all together. */
  readonly paths: number;
}

/** How a .deb is read; `origin` is what messages call it. */
export interface DebReading {
  readonly origin: string;
  readonly signal: AbortSignal;
  readonly bounds?: DebLimits;
}

const limits: DebLimits = { control: 64 * 1024 ** 2, data: 128 * 1024 ** 3, paths: 256 * 1024 ** 2 };

/**
 * Reads a .deb, deb(5), once from its beginning to its end, with flat memory: nothing of it is written anywhere. It may come
 * from anyone. @throws Failure bad-deb, bad-control-data, field-missing, bad-version (package), compressor-missing (infrastructure).
 */
export async function readDebFile(
  path: string,
  { origin, signal, bounds = limits }: DebReading,
): Promise<DebFile> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = createReadStream(path, { signal, highWaterMark: 256 * 1024 });
  try {
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of stream) {
        const bytes: Uint8Array = chunk;
        hash.update(bytes);
        sizeBytes += bytes.length;
        yield bytes;
      }
    };
    const content = await readMembers(measured(), origin, bounds);
    return { ...content, sizeBytes, sha256: `sha256:${hash.digest("hex")}` };
  } catch (thrown) {
    throwIfAborted(signal);
    throw thrown;
  } finally {
    stream.destroy();
  }
}

/** debian-binary, control.tar and data.tar in this order; what dpkg may add begins with an underscore. */
async function readMembers(bytes: AsyncIterable<Uint8Array>, origin: string, bounds: DebLimits) {
  let expected: "debian-binary" | "control" | "data" | "nothing" = "debian-binary";
  let control: ControlFiles | null = null;
  let paths: readonly string[] | null = null;
  for await (const member of readAr(bytes, origin)) {
    if (expected === "debian-binary") {
      await checkFormat(member, origin);
      expected = "control";
    } else if (member.name.startsWith("_") || expected === "nothing") continue;
    else if (expected === "control") {
      control = await readControl(member, origin, bounds.control);
      expected = "data";
    } else {
      paths = await readPaths(member, origin, bounds);
      expected = "nothing";
    }
  }
  if (control === null || paths === null) throw badDeb(origin, `it has no ${expected}`);
  return { ...control, paths };
}

async function checkFormat({ name, size, content }: ArMember, origin: string): Promise<void> {
  if (name !== "debian-binary" || size > 64) throw badDeb(origin, "it does not begin with debian-binary");
  const version = (await buffer(content)).toString("latin1");
  if (!/^2\.[0-9]+\n/.test(version)) throw badDeb(origin, "it is of another format than 2.0");
}

type ControlFiles = Pick<DebFile, "package" | "symbols">;

async function readControl(member: ArMember, origin: string, limit: number): Promise<ControlFiles> {
  const texts = new Map<string, string>();
  await eachMember(member, "control", { origin, limit }, async ({ header, content }) => {
    const [, name] = /^(?:\.\/)?(control|symbols)$/.exec(header.path) ?? [];
    if (name === undefined || texts.has(name) || header.type !== "file") return;
    if (header.size > (longest.get(name) ?? 0)) throw badDeb(origin, `its ${name} file is larger than any`);
    texts.set(name, (await buffer(content)).toString("utf8"));
  });
  const text = texts.get("control");
  if (text === undefined) throw badDeb(origin, "it has no control file");
  return { package: parseBinaryControl(text, `control of ${origin}`), symbols: texts.get("symbols") ?? "" };
}

/** Bounds on control files, in bytes. */
const longest: ReadonlyMap<string, number> = new Map([
  ["control", 4 * 1024 ** 2],
  ["symbols", 32 * 1024 ** 2],
]);

async function readPaths(
  member: ArMember,
  origin: string,
  { data, paths: longest }: DebLimits,
): Promise<readonly string[]> {
  const paths: string[] = [];
  let length = 0;
  await eachMember(member, "data", { origin, limit: data }, ({ header: { type, path } }) => {
    if (type === "directory") return;
    const relative = path.replace(/^(\.?\/+)+/, "");
    length += relative.length;
    if (length > longest) throw badDeb(origin, "its files have longer names than any");
    paths.push(relative);
  });
  return paths;
}

/** Goes over a tar inside the .deb up to its end. */
async function eachMember(
  { name, content }: ArMember,
  part: "control" | "data",
  { origin, limit }: { readonly origin: string; readonly limit: number },
  each: (member: TarMember) => Promise<void> | void,
): Promise<void> {
  const ending = name.startsWith(`${part}.tar`) ? name.slice(`${part}.tar`.length) : null;
  const compression = ending === null ? null : compressionOf(ending);
  if (compression === null) throw badDeb(origin, `${JSON.stringify(name)} stands where ${part}.tar is due`);
  await using unpacked = await decompressed(content, compression);
  try {
    const tar = Readable.from(bounded(unpacked.stream, origin, limit), { objectMode: false });
    for await (const member of readTar(tar)) await each(member);
  } catch (thrown) {
    throw asBadDeb(thrown, origin);
  }
}

async function* bounded(
  stream: Readable,
  origin: string,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of stream) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    if (size > limit) throw badDeb(origin, "it unpacks to more than any package");
    yield bytes;
  }
}

function asBadDeb(thrown: unknown, origin: string): unknown {
  const inner = behind(thrown);
  if (inner instanceof Failure) return inner;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return badDeb(origin, `it cannot be unpacked (${reason.split("\n")[0]})`, thrown);
}
