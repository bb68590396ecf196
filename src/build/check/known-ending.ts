import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type Digest, digestOf, keyOf } from "../../base/digest.ts";
import type { Store } from "../../store/store.ts";
import type { Artifact } from "../result.ts";
import type { Ending, Trial } from "./check.ts";

/** What printed more is run again. */
const longestKept = 256 * 1024;

const Kept = z.strictObject({ exitCode: z.int(), output: z.string().max(longestKept) }).readonly();

/** How a command ended when it was last run on the same files in the same environment. */
export interface KnownEnding {
  /** Null when it was not, or printed too much to keep. */
  recall(): Promise<Ending | null>;
  /** Keeps how it ended now, unless that is too much. `output` is all that it printed. */
  keep(exitCode: number, output: Buffer): Promise<void>;
}

/** Of a trial in the environment of this key; null where a trial must be run each time. */
export async function knownEnding(
  store: Store,
  environment: Digest,
  { argv, user, inputs }: Trial,
): Promise<KnownEnding | null> {
  if (inputs === undefined) return null;
  const key = keyOf({ environment, argv, user, inputs: await inputs() });
  return {
    recall: () => store.recall(kind, key, Kept),
    keep: async (exitCode, output) => {
      if (output.length <= longestKept && isUtf8(output))
        await store.remember(kind, key, { exitCode, output: output.toString("utf8") });
    },
  };
}

const kind = "check-ending";

/**
 * The digests of results by their names, by which two builds that gave the same packages are the same: without the time of the
 * build, which a .buildinfo has (deb-buildinfo(5), Build-Date), and the checksums of that .buildinfo in the .changes.
 */
export async function digestsOf(artifacts: readonly Artifact[]): Promise<Readonly<Record<string, Digest>>> {
  const digests = await Promise.all(
    artifacts.map(async (each) => [each.name, await timeless(each)] as const),
  );
  return Object.fromEntries(digests);
}

async function timeless({ kind, path, sha256 }: Artifact): Promise<Digest> {
  const passing = passingLines[kind];
  if (passing === undefined) return sha256;
  return digestOf((await readFile(path, "utf8")).replaceAll(passing, ""));
}

const passingLines: Partial<Record<Artifact["kind"], RegExp>> = {
  buildinfo: /^Build-Date: .*\n/gm,
  changes: /^ [0-9a-f]+ \d+ (\S+ \S+ )?\S+\.buildinfo\n/gm,
};
