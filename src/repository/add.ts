import { join } from "node:path";
import { type Changed, type RepositoryTools, changeSuite } from "./change.ts";
import type { BinaryEntry, SourceEntry, SuiteContent } from "./content.ts";
import { rememberPaths } from "./deb-paths.ts";
import { openIncoming } from "./incoming.ts";
import { type Displacement, type NamedPackage, type Placed, planAddition } from "./plan-addition.ts";
import { putInPool } from "./pool.ts";
import type { LocalRepository } from "./settings.ts";
import { type Taken, takeIn } from "./take-in.ts";

/** What came of adding packages. */
export interface Added {
  readonly added: readonly NamedPackage[];
  /** Those that were there already, to the byte. */
  readonly present: readonly NamedPackage[];
  readonly removed: readonly NamedPackage[];
}

export interface Addition {
  /** Files and directories of the user's. */
  readonly files: readonly string[];
  readonly suite: string;
  readonly component: string;
  readonly displaces: Displacement;
}

/**
 * Adds packages to a suite, all or none.
 * @throws Failure package-differs (usage) and what `takeIn` and `changeSuite` raise.
 */
export async function addPackages(
  repository: LocalRepository,
  addition: Addition,
  tools: RepositoryTools,
): Promise<Added> {
  await using incoming = await openIncoming(repository.directory);
  const taken = await takeIn(incoming, addition.files, tools.signal);
  return await changeSuite(repository, addition.suite, tools, async (content): Promise<Changed<Added>> => {
    const { component, displaces } = addition;
    const coming = taken.map((each) => ({ ...placedOf(each, component), taken: each }));
    const plan = planAddition(placedIn(content), coming, displaces);
    const entries: (BinaryEntry | SourceEntry)[] = plan.kept.map(({ entry }) => entry);
    for (const each of plan.added)
      entries.push(await poolEntry(repository, each.taken, component, tools.signal));
    return {
      content: plan.added.length + plan.removed.length > 0 ? contentOf(entries) : null,
      prune: plan.removed.length > 0,
      result: {
        added: plan.added.map(nameOf),
        present: plan.present.map(nameOf),
        removed: plan.removed.map(nameOf),
      },
    };
  });
}

/** Everything in a suite, each with its entry. */
export function placedIn({
  binaries,
  sources,
}: SuiteContent): readonly (Placed & { readonly entry: BinaryEntry | SourceEntry })[] {
  return [
    ...binaries.map((entry) => ({
      ...nameOf(entry.package),
      component: entry.component,
      source: entry.package.source.name,
      bytes: entry.sha256,
      entry,
    })),
    ...sources.map((entry) => ({
      ...nameOf({ ...entry, architecture: "source" }),
      component: entry.component,
      source: entry.name,
      bytes: bytesOf(entry.files),
      entry,
    })),
  ];
}

/** A suite's content of some of its entries. */
export function contentOf(entries: readonly (BinaryEntry | SourceEntry)[]): SuiteContent {
  return {
    binaries: entries.flatMap((each) => ("package" in each ? [each] : [])),
    sources: entries.flatMap((each) => ("package" in each ? [] : [each])),
  };
}

export function nameOf({ name, version, architecture }: NamedPackage): NamedPackage {
  return { name, version, architecture };
}

function placedOf(taken: Taken, component: string): Placed {
  if (taken.kind === "binary") {
    const { package: known, sha256 } = taken.deb;
    return { ...nameOf(known), component, source: known.source.name, bytes: sha256 };
  }
  const { name, version, files } = taken.source;
  return { name, version, architecture: "source", component, source: name, bytes: bytesOf(files) };
}

function bytesOf(files: SourceEntry["files"]): string {
  return files.map(({ name, sha256 }) => `${name} ${sha256}`).join();
}

async function poolEntry(
  repository: LocalRepository,
  taken: Taken,
  component: string,
  signal: AbortSignal,
): Promise<BinaryEntry | SourceEntry> {
  if (taken.kind === "source") {
    const { name, version, files, fields } = taken.source;
    const directory = await putInPool(repository, { component, source: name }, taken.files, signal);
    return { component, name, version, directory, files, fields };
  }
  const { package: known, sizeBytes, sha256, paths } = taken.deb;
  const place = { component, source: known.source.name };
  const directory = await putInPool(repository, place, [taken.file], signal);
  await rememberPaths(repository, sha256, paths);
  return { component, package: known, path: join(directory, taken.file.name), sizeBytes, sha256 };
}
