import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterEach, beforeEach } from "vitest";
import { stageResults } from "../../../src/build/stage-results.ts";
import type { CollectLimits } from "../../../src/build/promised-files.ts";
import { publishDirectory, stagingDirectory } from "../../../src/build/publish.ts";
import type { Artifact } from "../../../src/build/result.ts";
import { parseChanges } from "../../../src/debian/changes.ts";
import type { TarEntry } from "../../../src/oci/tar.ts";

/** Results of a build as a container would hold them, and the .changes that lists them. */
export const files = {
  "sl_5.02-1_amd64.deb": "the package",
  "sl-dbgsym_5.02-1_amd64.deb": "its symbols",
  "sl_5.02-1_amd64.buildinfo": "Format: 1.0\n",
};
export const changesName = "sl_5.02-1_amd64.changes";

export function changesOf(contents: Record<string, string>): string {
  const lines = Object.entries(contents).map(([name, content]) => {
    const sum = (algorithm: string) => createHash(algorithm).update(content).digest("hex");
    return {
      md5: `${sum("md5")} ${content.length} games optional ${name}`,
      sha256: `${sum("sha256")} ${content.length} ${name}`,
    };
  });
  return [
    "Format: 1.8",
    "Source: sl",
    "Binary: sl sl-dbgsym",
    "Architecture: amd64",
    "Version: 5.02-1",
    "Distribution: trixie",
    `Checksums-Sha256:\n ${lines.map(({ sha256 }) => sha256).join("\n ")}`,
    `Files:\n ${lines.map(({ md5 }) => md5).join("\n ")}`,
    "",
  ].join("\n");
}

export const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

export function file(path: string, content: string): TarEntry {
  return {
    ...common,
    type: "file",
    path,
    size: Buffer.byteLength(content),
    content: () => Buffer.from(content),
  };
}

export const changesText = changesOf(files);

export const root: TarEntry = { ...common, type: "directory", path: "results/", mode: 0o755 };
export const good = [
  root,
  ...Object.entries({ ...files, [changesName]: changesText }).map(([name, content]) =>
    file(`results/${name}`, content),
  ),
];

/** For each test an empty directory, and the one in it that results shall come into and that is not there yet. */
export function resultsPlace(): { readonly parent: string; readonly directory: string } {
  const place = { parent: "", directory: "" };
  beforeEach(async () => {
    place.parent = await mkdtemp(join(tmpdir(), "debkiln-collect-"));
    place.directory = join(place.parent, "results");
  });
  afterEach(() => rm(place.parent, { recursive: true }));
  return place;
}

/** Stages a tar's files and publishes them as a build does, with the good .changes and wide limits unless told otherwise. */
export async function collectInto(
  directory: string,
  tar: Readable,
  changed: { text?: string; limits?: CollectLimits; signal?: AbortSignal } = {},
): Promise<readonly Artifact[]> {
  const text = changed.text ?? changesText;
  await using staging = await stagingDirectory(directory);
  const artifacts = await stageResults({
    tar,
    changesFile: { name: changesName, content: Buffer.from(text) },
    changes: parseChanges(text, changesName),
    directory: staging.path,
    limits: changed.limits ?? { fileBytes: 1e6, totalBytes: 1e7 },
    signal: changed.signal ?? new AbortController().signal,
  });
  await publishDirectory(staging, directory);
  return artifacts.map((artifact) => ({ ...artifact, path: join(directory, artifact.name) }));
}
