import type { Task } from "../base/event.ts";
import type { Repository } from "../debian/repository.ts";
import { suite } from "../debian/suite.ts";
import { type Archive, archiveAsOf, signedWith } from "./archive.ts";
import type { Kiln } from "./kiln.ts";
import { publishedSuites } from "./releases.ts";
import type { Target } from "./target.ts";

/**
 * The main suites of a target as its mirrors have them: an updates or security suite that a mirror does not carry is left
 * out, with a warning. Null when only the bootstrap tool knows the mirrors and has not been asked yet (`chosen`).
 */
export async function mainRepositories(
  kiln: Kiln,
  target: Target,
  archive: Archive,
  chosen: readonly Repository[] | null,
  task: Task,
): Promise<readonly Repository[] | null> {
  const wanted =
    archive.main ?? (chosen === null ? null : signedWith(archiveAsOf(target, chosen) ?? chosen, archive.key));
  return wanted === null ? null : carried(kiln, wanted, task);
}

/** Those of the repositories that a base is made of, without backports, experimental and other overlays. */
export function baseRepositories(repositories: readonly Repository[]): readonly Repository[] {
  return repositories
    .map((each) => ({ ...each, suites: each.suites.filter(isBaseSuite) }))
    .filter(({ suites }) => suites.length > 0);
}

/** The overlay of a target from which apt takes nothing unless told so, apt_preferences(5): backports, experimental. */
export function reluctantSuite(target: Target): string | null {
  const { name, pocket } = suite(target.suite, { custom: true });
  return pocket !== null && reluctant.includes(pocket) ? name : null;
}

const reluctant: readonly string[] = ["backports", "backports-sloppy", "experimental"];

async function carried(
  kiln: Kiln,
  repositories: readonly Repository[],
  task: Task,
): Promise<readonly Repository[]> {
  const kept = await Promise.all(
    repositories.map(async (each) => {
      const suites = await publishedSuites(kiln, each, isOptional);
      const absent = each.suites.filter((name) => !suites.includes(name));
      for (const name of absent)
        task.warn(
          `${each.uris.join(" ")} has no ${name}: going on without it`,
          "Set updates = false in the target to say that none is wanted, or choose a mirror that has it.",
        );
      return { ...each, suites };
    }),
  );
  return kept.filter(({ suites }) => suites.length > 0);
}

function isOptional(name: string): boolean {
  const { pocket } = suite(name, { custom: true });
  return pocket === "updates" || pocket === "security";
}

function isBaseSuite(name: string): boolean {
  return suite(name, { custom: true }).pocket === null || isOptional(name);
}
