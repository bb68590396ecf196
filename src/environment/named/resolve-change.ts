import type { Task } from "../../base/event.ts";
import type { Container, Image } from "../../engine/engine.ts";
import { reluctantSuite } from "../base-repositories.ts";
import { withIndices } from "../indices.ts";
import type { Kiln } from "../kiln.ts";
import { uriOutside } from "../local-repositories.ts";
import type { Lock } from "../lock.ts";
import { recallResolution, rememberResolution, resolutionKey } from "../resolve.ts";
import { type Request, aptWords, solveWords } from "../resolver.ts";
import { type ArchiveNow, archiveNow } from "./archive-now.ts";
import type { AptChange } from "./apt-words.ts";
import { copyPackageState } from "./package-state.ts";
import type { NamedRecord } from "./record.ts";

/** What is to become of an environment's packages: apt-get's words, or what a source needs. */
export type PackageChange =
  | AptChange
  | { readonly kind: "request"; readonly request: Pick<Request, "depends" | "conflicts"> };

/** Where a change begins. */
export interface Beginning {
  readonly name: string;
  readonly image: Image;
  readonly lock: Lock;
  readonly record: NamedRecord;
}

/**
 * The lock that a change of a named environment comes to. What a source needs is found again for the same image and archive; what
 * somebody asks of apt by hand is asked each time.
 * @throws Failure unsatisfiable (dependency) and what refreshing the indices raises.
 */
export async function resolveChange(
  kiln: Kiln,
  container: Container,
  beginning: Beginning,
  change: PackageChange,
  task: Task,
): Promise<Lock> {
  const { image, lock, record } = beginning;
  const { target } = record;
  const now = await archiveNow(kiln, target, lock, task);
  const question: Question = { ...now, change };
  if (change.kind === "change") return await askApt(kiln, container, beginning, question, task);
  const { archive, releases } = now;
  const { repositories } = now.base;
  const key = resolutionKey({
    from: image.id,
    target,
    archive,
    request: change.request,
    repositories,
    releases,
  });
  const known = await recallResolution(kiln, key);
  if (known !== null) return known.lock;
  const asked = await askApt(kiln, container, beginning, question, task);
  return (await rememberResolution(kiln, key, asked)).lock;
}

interface Question extends ArchiveNow {
  readonly change: PackageChange;
}

async function askApt(
  kiln: Kiln,
  container: Container,
  { lock, record: { target } }: Beginning,
  { archive, base, releases, change }: Question,
  task: Task,
): Promise<Lock> {
  const { extra, apt } = archive;
  return await task.step("resolve", "Resolve packages", (step) =>
    withIndices(kiln, { target, base, releases, extra, altering: true, task: step }, async (resolver) => {
      await copyPackageState(kiln, container, resolver);
      const words = change.kind === "change" ? change.words : await aptWords(resolver, change.request);
      const how = { words, reluctant: reluctantSuite(target), what: "The packages", apt };
      const solved = await solveWords(kiln, resolver, lock.packages, how);
      const packages = solved.map((each) => ({ ...each, uri: uriOutside(each.uri, extra) }));
      const { apt: _, ...rest } = lock;
      return { ...rest, packages, releases, ...(apt === undefined ? {} : { apt }) };
    }),
  );
}
