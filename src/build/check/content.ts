import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import type { OpenedSource } from "../source.ts";
import type { Artifact } from "../result.ts";

const owner = { uid: 0, gid: 0, mtime: 0 };

/** The results as they lie on this machine, for everybody to read and for root to write. */
export function artifactsTar(artifacts: readonly Artifact[]): () => Readable {
  return fileTar(
    artifacts.map(({ path, sizeBytes }) => ({
      name: basename(path),
      sizeBytes,
      content: () => createReadStream(path),
    })),
  );
}

export interface CheckFile {
  /** Relative to where checks run. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly content: () => Readable;
}

/** Files for everybody to read and for root to write. */
export function fileTar(files: readonly CheckFile[]): () => Readable {
  return () =>
    packTar(
      files.map(({ name, sizeBytes, content }): TarEntry => ({
        path: name,
        type: "file",
        mode: 0o644,
        ...owner,
        size: sizeBytes,
        content,
      })),
    );
}

/** The source as the build got it. */
export function sourceTar(source: OpenedSource): () => Readable {
  return () => source.tar({ uid: 0, gid: 0 });
}

/** A directory of root's, to unpack in. */
export function directoryTar(path: string): Readable {
  return packTar([{ path, type: "directory", mode: 0o755, ...owner }]);
}
