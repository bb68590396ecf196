import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Failure } from "../../base/failure.ts";
import { type BuiltBinary, binariesOfControl, binariesOfSource } from "../../debian/source-binaries.ts";
import { type TarMember, readTar } from "../../oci/tar-reader.ts";
import { behind, compressionOf, decompressed } from "../../repository/decompress.ts";
import type { OpenedSource } from "../source.ts";
import { readInside } from "../source/read-inside.ts";

/**
 * The binary packages that a source builds, from its debian/control: of a .dsc, from the tarball that has it. Null from formats that
 * keep it in a patch (1.0), where only the names are known. @throws Failure of damaged sources (package).
 */
export async function readBinaries(
  source: OpenedSource,
): Promise<{ readonly binaries: readonly BuiltBinary[]; readonly isWhole: boolean }> {
  const control =
    source.directory === null
      ? await controlInFiles(source)
      : await readInside(source.directory, "debian/control", longestControl);
  if (control === null) return { binaries: binariesOfSource(source.package), isWhole: false };
  return { binaries: binariesOfControl(control, `debian/control of ${source.package.name}`), isWhole: true };
}

const longestControl = 8 * 1024 ** 2;
/** Of what must be unpacked to come to it. */
const longestWay = 4 * 1024 ** 3;

async function controlInFiles(source: OpenedSource): Promise<string | null> {
  const owner = { uid: 0, gid: 0 };
  for await (const { header, content } of readTar(source.tar(owner))) {
    const [, ending] = tarball.exec(header.path) ?? [];
    const compression = ending === undefined ? null : compressionOf(ending);
    if (compression === null) continue;
    await using unpacked = await decompressed(content, compression);
    const control = await controlIn(unpacked.stream, header.path);
    if (control !== null) return control;
  }
  return null;
}

/** A native source's only tarball, or the one beside the original (dpkg-source(1)). */
const tarball = /^[^/]+_[^/_]+?(?<!\.orig|\.orig-[A-Za-z0-9-]+)\.tar(\.gz|\.bz2|\.xz|\.zst|\.lzma)$/;

async function controlIn(stream: Readable, name: string): Promise<string | null> {
  try {
    for await (const member of readTar(Readable.from(bounded(stream, name), { objectMode: false })))
      if (isControl(member)) return (await buffer(member.content)).toString("utf8");
    return null;
  } catch (thrown) {
    const inner = behind(thrown);
    if (inner instanceof Failure) throw inner;
    const reason = inner instanceof Error ? inner.message : String(inner);
    throw new Failure("package", "source-unreadable", `${name} cannot be read: ${reason.split("\n")[0]}`, {
      hint: "Fetch the source package again.",
      cause: thrown,
    });
  }
}

/** `debian/control` in a debian.tar, below one directory in a native source's. */
function isControl({ header: { path, type, size } }: TarMember): boolean {
  return type === "file" && size <= longestControl && /^(?:\.\/)?(?:[^/]+\/)?debian\/control$/.test(path);
}

async function* bounded(stream: Readable, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of stream) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    if (size > longestWay)
      throw new Failure("package", "source-too-large", `${name} unpacks to more than any source`, {
        hint: "Check that it is the right one.",
      });
    yield bytes;
  }
}
