import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import type { DebFile } from "../../repository/deb-file.ts";
import { type Check, type CheckBench, type Ending, type Settled, type Trial } from "./check.ts";
import { type CheckFile, fileTar } from "./content.ts";
import type { EarlierBuild } from "./earlier-build.ts";
import type { Verdict } from "./outcome.ts";
import { type PackageChange, changeLines, changeSummary, packageChanges } from "./package-changes.ts";
import { type BuiltDeb, archivedDebs, builtPackages, isOfDebugSymbols, readDeb } from "./packages.ts";

const environment = { tool: "debdiff", architecture: "engine" } as const;

/** debdiff(1) of the packages against those of the last build, and against the archive's; what counts most is said in a few lines. */
export const debdiff: Check = {
  name: "debdiff",
  environment,
  plan: async (subject, bench) => {
    const built = await builtPackages(subject, bench);
    if (built.length === 0) return { status: "none", summary: "no packages were built" };
    const { earlier } = subject;
    const names = built.map(({ control }) => control.name);
    const parts = [
      earlier === null
        ? null
        : await compared(earlier.words, built, bench, () => earlierDebs(earlier, bench)),
      await compared("the archive", built, bench, () => fromArchive(names, bench)),
    ].filter((part) => part !== null);
    return parts.length === 0 ? { status: "none", summary: "there is nothing to compare with" } : parts;
  },
};

/** debdiff's exit codes, debdiff(1): 0 no differences, 1 differences, 255 an error. A difference is no fault. */
export function judgeDebdiff({ exitCode }: Ending, changes: readonly PackageChange[]): Verdict {
  if (exitCode === 0) return { status: "pass", summary: "no differences" };
  if (exitCode !== 1) return { status: "error", summary: `debdiff itself failed with exit code ${exitCode}` };
  const words = changeSummary(changes);
  return { status: "info", summary: words === "" ? "the control files differ" : words };
}

/** A package to compare with. */
interface Compared {
  readonly file: CheckFile;
  readonly deb: DebFile;
}

/** What lies in the output directory may be anybody's, and damaged: that says nothing of the other comparison. */
async function compared(
  title: string,
  built: readonly BuiltDeb[],
  bench: CheckBench,
  find: () => Promise<readonly Compared[]>,
): Promise<Trial | Settled | null> {
  try {
    const before = await find();
    return before.length === 0 ? null : trialOf(title, before, built);
  } catch (thrown) {
    throwIfAborted(bench.place.kiln.signal);
    return { title, verdict: { status: "error", summary: asFailure(thrown).message } };
  }
}

function trialOf(title: string, before: readonly Compared[], built: readonly BuiltDeb[]): Trial {
  const changes = packageChanges(
    before.map(({ deb }) => deb),
    built.map(({ deb }) => deb),
  );
  const from = before.map(({ file }) => file);
  const to = built.map(({ artifact: { name, path, sizeBytes } }) => fileAt(`new-${name}`, path, sizeBytes));
  return {
    title,
    preface: [...changeLines(changes), ""],
    environment,
    content: [fileTar([...from, ...to])],
    argv: ["debdiff", "--from", ...namesOf(from), "--to", ...namesOf(to)],
    user: "builder",
    judge: (ending) => judgeDebdiff(ending, changes),
  };
}

function namesOf(files: readonly CheckFile[]): readonly string[] {
  return files.map(({ name }) => name);
}

async function earlierDebs({ directory }: EarlierBuild, bench: CheckBench): Promise<readonly Compared[]> {
  const names = await readdir(directory);
  const debs = names.filter((name) => name.endsWith(".deb") && !isOfDebugSymbols(name));
  return Promise.all(
    debs.toSorted().map(async (name) => {
      const path = join(directory, name);
      const deb = await readDeb(path, name, bench);
      return { file: fileAt(`old-${name}`, path, deb.sizeBytes), deb };
    }),
  );
}

async function fromArchive(names: readonly string[], bench: CheckBench): Promise<readonly Compared[]> {
  const { store } = bench.place.kiln;
  const archived = await archivedDebs(names, bench);
  return archived.map(({ locked: { name, architecture, sizeBytes, sha256 }, deb }) => ({
    file: {
      name: `archive-${name}_${architecture}.deb`,
      sizeBytes,
      content: () => store.openChecked(sha256),
    },
    deb,
  }));
}

function fileAt(name: string, path: string, sizeBytes: number): CheckFile {
  return { name, sizeBytes, content: () => createReadStream(path) };
}
