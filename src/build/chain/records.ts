import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DigestText } from "../../base/digest.ts";
import { makeDirectory } from "../../base/make-directory.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { parseJson } from "../../base/parse-json.ts";
import { type LocalRepository, stateDirectory } from "../../repository/settings.ts";
import { diskFailure } from "../../store/disk.ts";

/** What a source of a chain was last built from, and what that gave: kept in the chain's repository. */
export const NodeRecord = z.strictObject({
  schema: z.literal(1),
  /** Of everything that the build depended on. */
  key: DigestText,
  source: z.strictObject({ name: z.string(), version: z.string() }),
  /** Digests of the .debs that came of it. */
  packages: z.array(DigestText).readonly(),
  /** Where its results were put: absolute. */
  directory: z.string(),
});
export type NodeRecord = z.infer<typeof NodeRecord>;

/** The records of one repository and target. They survive whatever ends a chain: each is written whole once its results are in place. */
export class NodeRecords {
  readonly #directory: string;

  constructor({ directory }: Pick<LocalRepository, "directory">, target: string) {
    this.#directory = join(directory, stateDirectory, "chain", target);
  }

  /** The record of a source, or null when there is none that can be read. */
  async find(name: string): Promise<NodeRecord | null> {
    const text = await readFile(this.#pathOf(name), "utf8").catch(nullIfMissing);
    return text === null ? null : (NodeRecord.safeParse(parseJson(text)).data ?? null);
  }

  async write(record: NodeRecord): Promise<void> {
    const path = this.#pathOf(record.source.name);
    const written = `${path}.${randomBytes(8).toString("hex")}`;
    try {
      await makeDirectory(this.#directory);
      await writeFile(written, `${JSON.stringify(NodeRecord.parse(record))}\n`);
      await rename(written, path);
    } catch (thrown) {
      throw diskFailure(thrown, this.#directory);
    }
  }

  #pathOf(name: string): string {
    return join(this.#directory, `${name}.json`);
  }
}
