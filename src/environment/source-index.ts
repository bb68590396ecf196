import { z } from "zod";
import { DigestText, keyOf } from "../base/digest.ts";
import type { Task } from "../base/event.ts";
import { parsePrintedFiles } from "../debian/print-uris.ts";
import { once } from "../store/once.ts";
import { type Archive, selectionOf } from "./archive.ts";
import { ensureBase } from "./base.ts";
import { buildRecipe } from "./base-recipe.ts";
import { withIndices } from "./indices.ts";
import { uriOutside } from "./local-repositories.ts";
import type { Kiln } from "./kiln.ts";
import { currentReleases } from "./releases.ts";
import { sourceMissing } from "./source-missing.ts";
import { Tail } from "./tail.ts";
import type { Target } from "./target.ts";

/** A file of a source package in the archive. */
export const SourceFile = z.strictObject({
  uri: z.string(),
  fileName: z.string(),
  sizeBytes: z.int().nonnegative(),
  sha256: DigestText,
});
export type SourceFile = z.infer<typeof SourceFile>;

const SourceFiles = z.array(SourceFile).readonly();

/**
 * The files of a source package, as `apt-get source` would choose them: the newest version of the target's suites, or the
 * one that is named.
 * @throws Failure source-not-found (usage), and what refreshing the indices raises.
 */
export async function findSource(
  kiln: Kiln,
  wanted: {
    readonly target: Target;
    readonly archive: Archive;
    readonly name: string;
    readonly version: string | null;
  },
  task: Task,
): Promise<readonly SourceFile[]> {
  const { target, archive, name, version } = wanted;
  const { base } = await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
  const { extra } = archive;
  const releases = await currentReleases(kiln, [...base.repositories, ...extra]);
  const digests = releases.map(({ digest }) => digest);
  const selection = selectionOf([...base.repositories, ...extra]);
  const key = keyOf({ source: name, version, digests, selection });
  return once(kiln.store, "source", key, kiln.signal, {
    waiting: () => task.note("waiting for another debkiln that looks up the same source"),
    find: () => kiln.store.recall("source", key, SourceFiles),
    make: async () => {
      const files = await withIndices(
        kiln,
        { target, base, releases, extra, task, sources: true },
        async (container) => {
          const spec = version === null ? name : `${name}=${version}`;
          const output = new Tail(null);
          const argv = [
            "apt-get",
            "-qq",
            "-o",
            "Acquire::ForceHash=SHA256",
            "--only-source",
            "--print-uris",
            "source",
            spec,
          ];
          const { exitCode } = await container.run(argv, {
            stdout: output,
            stderr: output,
            signal: kiln.signal,
          });
          if (exitCode !== 0)
            throw await sourceMissing(kiln, container, { name, version, target, output: output.text });
          return parsePrintedFiles(output.text);
        },
      );
      const found = files.map(({ uri, fileName, size, sha256 }): SourceFile => ({
        uri: uriOutside(uri, extra),
        fileName,
        sizeBytes: size,
        sha256: `sha256:${sha256}`,
      }));
      await kiln.store.remember("source", key, found);
      return found;
    },
  });
}
