import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { asError } from "../base/as-error.ts";
import { keyOf } from "../base/digest.ts";
import { z } from "zod";
import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import {
  type ArchiveSource,
  archiveSource,
  newestSources,
  packagesMeant,
  reverseNeeds,
} from "../debian/source-list.ts";
import type { Container } from "../engine/engine.ts";
import { type Archive, selectionOf } from "./archive.ts";
import { buildRecipe } from "./base-recipe.ts";
import { ensureBase } from "./base.ts";
import { withIndices } from "./indices.ts";
import type { Kiln } from "./kiln.ts";
import { currentReleases } from "./releases.ts";
import { Tail } from "./tail.ts";
import type { Target } from "./target.ts";

/** Of which packages it is wanted to know what needs them. */
export interface ReverseQuestion {
  readonly target: Target;
  readonly archive: Archive;
  /** The architecture that is built for; undefined for the target's. */
  readonly host?: string | undefined;
  /** Binary packages; `src:NAME` for all of a source. */
  readonly names: readonly string[];
  readonly profiles: readonly string[];
}

const ReverseNeed = z.strictObject({
  source: z.string(),
  version: z.string(),
  relations: z.array(z.strictObject({ field: z.string(), relation: z.string() })).readonly(),
});
export type ReverseNeed = Readonly<z.infer<typeof ReverseNeed>>;

/**
 * The source packages of a target's suites that need any of some packages to be built, by the archive's signed indices: the newest
 * version of each. @throws Failure package-unknown (usage), and what refreshing the indices raises.
 */
export async function reverseDependencies(
  kiln: Kiln,
  question: ReverseQuestion,
  task: Task,
): Promise<readonly ReverseNeed[]> {
  const { target, archive, names, profiles } = question;
  const { base } = await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
  const { extra } = archive;
  const releases = await currentReleases(kiln, [...base.repositories, ...extra]);
  const digests = releases.map(({ digest }) => digest).toSorted();
  const selection = selectionOf([...base.repositories, ...extra]);
  const architecture = question.host ?? target.architecture;
  const key = keyOf({ reverse: names.toSorted(), profiles, architecture, digests, selection });
  const known = await kiln.store.recall("reverse", key, z.array(ReverseNeed));
  if (known !== null) return known;
  const request = { target, base, releases, extra, task, sources: true };
  const sources = newestSources(
    await withIndices(kiln, request, (container) => readSources(kiln, container)),
  );
  const wanted = new Set(names.flatMap((name) => packagesMeant(name, sources)));
  const found = reverseNeeds(sources, wanted, { architecture, profiles });
  await kiln.store.remember("reverse", key, found);
  return found;
}

/** All stanzas of the indices of sources that a container's apt has, read as they come. */
async function readSources(kiln: Kiln, container: Container): Promise<readonly ArchiveSource[]> {
  // Not every index ends with an empty line.
  const script = `files=$(apt-get indextargets --format '$(FILENAME)' 'Created-By: Sources') || exit
for each in $files; do /usr/lib/apt/apt-helper cat-file "$each" && echo || exit; done`;
  const sources: ArchiveSource[] = [];
  const stanzas = new Stanzas((text) => {
    const source = archiveSource(text, "the archive's Sources");
    if (source !== null) sources.push(source);
  });
  const said = new Tail(null);
  const options = { stdout: stanzas, stderr: said, environment: { LC_ALL: "C.UTF-8" }, signal: kiln.signal };
  const { exitCode } = await container.run(["sh", "-c", script], options);
  stanzas.finish();
  if (exitCode === 0) return sources;
  throw new Failure("infrastructure", "resolver-failed", "apt could not show the indices of sources", {
    hint: "The output in the details tells why; `debkiln gc --older-than 0` has everything made afresh next time.",
    details: { exitCode, output: said.text },
  });
}

/** Takes control data in pieces of any size, and gives it stanza by stanza. */
class Stanzas extends Writable {
  readonly #each: (stanza: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(each: (stanza: string) => void) {
    super();
    this.#each = each;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const pieces = (this.#rest + this.#decoder.write(chunk)).split(/\n\n+/);
      this.#rest = pieces.pop() ?? "";
      for (const piece of pieces) if (piece.trim() !== "") this.#each(piece);
      done();
    } catch (thrown) {
      done(asError(thrown));
    }
  }

  /** Gives what came last, after which no empty line need be. */
  finish(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (last.trim() !== "") this.#each(last);
  }
}
