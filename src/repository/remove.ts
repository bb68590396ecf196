import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { compareVersions } from "../debian/version.ts";
import { contentOf, nameOf, placedIn } from "./add.ts";
import { type RepositoryTools, changeSuite } from "./change.ts";
import type { NamedPackage, Placed } from "./plan-addition.ts";
import type { LocalRepository } from "./settings.ts";

/** Which packages shall go. */
export interface Removal {
  readonly suite: string;
  /** `NAME`, `NAME=VERSION`, or `src:NAME` for all that comes from a source. */
  readonly words: readonly string[];
  /** Of every package all versions but the newest. */
  readonly old: boolean;
}

/**
 * Removes packages from a suite, and from the pool what no suite has any more. Gives what was removed.
 * @throws Failure no-such-package (usage), and what `changeSuite` raises.
 */
export async function removePackages(
  repository: LocalRepository,
  removal: Removal,
  tools: RepositoryTools,
): Promise<readonly NamedPackage[]> {
  return await changeSuite(repository, removal.suite, tools, async (content) => {
    const all = placedIn(content);
    const gone = new Set(planRemoval(all, removal));
    const kept = all.filter((each) => !gone.has(each));
    return {
      content: gone.size === 0 ? null : contentOf(kept.map(({ entry }) => entry)),
      prune: true,
      result: [...gone].map(nameOf),
    };
  });
}

/** Those of a suite's packages that are meant. @throws Failure no-such-package (usage). */
export function planRemoval<There extends Placed>(
  all: readonly There[],
  { words, old }: Pick<Removal, "words" | "old">,
): readonly There[] {
  const named = words.flatMap((word) => {
    const [, ofSource, name = "", version] = /^(src:)?([^=]*)(?:=(.*))?$/.exec(word) ?? [];
    const found = all.filter(
      (each) =>
        (ofSource === undefined ? each.name : each.source) === name &&
        (version === undefined || each.version === version),
    );
    if (found.length === 0) throw noSuchPackage(all, word, name);
    return found;
  });
  return [...new Set([...named, ...(old ? outdated(all) : [])])];
}

/** All but the newest version of each package. */
function outdated<There extends Placed>(all: readonly There[]): readonly There[] {
  const groups = Map.groupBy(
    all,
    ({ component, name, architecture }) => `${component} ${name} ${architecture}`,
  );
  return [...groups.values()].flatMap((group) =>
    group.toSorted((a, b) => compareVersions(b.version, a.version)).slice(1),
  );
}

function noSuchPackage(all: readonly Placed[], word: string, name: string): Failure {
  const names = new Set(all.flatMap((each) => [each.name, each.source]));
  const near = names.has(name) ? null : nearest(name, names);
  return new Failure("usage", "no-such-package", `The repository has no package ${word}`, {
    hint: near === null ? "`debkiln repo list` shows what there is, with versions." : `Did you mean ${near}?`,
  });
}
