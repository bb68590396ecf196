import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "../result.ts";
import { type Check, type CheckBench, type Ending, type Trial } from "./check.ts";
import { type CheckFile, fileTar } from "./content.ts";
import type { EarlierBuild } from "./earlier-build.ts";
import type { Verdict } from "./outcome.ts";
import { archivedPackages, builtPackages } from "./packages.ts";

const environment = { tool: "debdiff", architecture: "engine" } as const;

/** debdiff(1) of the packages against those of the last build, and against the archive's. */
export const debdiff: Check = {
  name: "debdiff",
  environment,
  plan: async (subject, bench) => {
    const built = await builtPackages(subject, bench);
    if (built.length === 0) return { status: "none", summary: "no packages were built" };
    const { earlier } = subject;
    const artifacts = built.map(({ artifact }) => artifact);
    const names = built.map(({ control }) => control.name);
    const trials = [
      ...(earlier === null ? [] : [trialOf(earlier.words, await earlierFiles(earlier), artifacts)]),
      trialOf("the archive", await archivedFiles(names, bench), artifacts),
    ].filter((trial) => trial !== null);
    return trials.length === 0 ? { status: "none", summary: "there is nothing to compare with" } : trials;
  },
};

/** debdiff's exit codes, debdiff(1): 0 no differences, 1 differences, 255 an error. A difference is no fault. */
export function judgeDebdiff({ exitCode, output }: Ending): Verdict {
  if (exitCode === 0) return { status: "pass", summary: "no differences" };
  if (exitCode !== 1) return { status: "error", summary: `debdiff itself failed with exit code ${exitCode}` };
  const files = output.match(/^[-d][rwxsStT-]{9} +\S+ +\/.*$/gm)?.length ?? 0;
  const words =
    files === 0
      ? "the control files differ"
      : `${files} ${files === 1 ? "file comes or goes" : "files come or go"}`;
  return { status: "info", summary: words };
}

function trialOf(title: string, before: readonly CheckFile[], artifacts: readonly Artifact[]): Trial | null {
  if (before.length === 0) return null;
  const after = artifacts.map(({ name, path, sizeBytes }) => fileAt(`new-${name}`, path, sizeBytes));
  return {
    title,
    environment,
    content: [fileTar([...before, ...after])],
    argv: ["debdiff", `--from`, ...namesOf(before), "--to", ...namesOf(after)],
    user: "builder",
    judge: judgeDebdiff,
  };
}

function namesOf(files: readonly CheckFile[]): readonly string[] {
  return files.map(({ name }) => name);
}

async function earlierFiles({ directory }: EarlierBuild): Promise<readonly CheckFile[]> {
  const names = await readdir(directory);
  const debs = names.filter((name) => name.endsWith(".deb") && !/-dbgsym_/.test(name));
  return Promise.all(
    debs.toSorted().map(async (name) => {
      const path = join(directory, name);
      return fileAt(`old-${name}`, path, (await stat(path)).size);
    }),
  );
}

async function archivedFiles(names: readonly string[], bench: CheckBench): Promise<readonly CheckFile[]> {
  const packages = await archivedPackages(names, bench);
  const { store } = bench.place.kiln;
  return packages.map(({ name, architecture, sizeBytes, sha256 }) => ({
    name: `archive-${name}_${architecture}.deb`,
    sizeBytes,
    content: () => store.openChecked(sha256),
  }));
}

function fileAt(name: string, path: string, sizeBytes: number): CheckFile {
  return { name, sizeBytes, content: () => createReadStream(path) };
}
