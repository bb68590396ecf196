import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Check, type Ending, type Subject, type Trial, checkDirectory } from "./check.ts";
import type { EarlierBuild } from "./earlier-build.ts";
import type { Verdict } from "./outcome.ts";
import { artifactsTar, sourceTar } from "./content.ts";
import { digestsOf } from "./known-ending.ts";

const environment = { tool: "lintian", architecture: "engine" } as const;

/** lintian(1) on the .changes, and on the .dsc when the .changes is without a source, as sbuild does. */
export const lintian: Check = {
  name: "lintian",
  environment,
  plan: async (subject, { place }) => [
    {
      ...lintianTrial(subject, place.request.checks?.lintianOptions ?? []),
      judge: await judgeBeside(subject.earlier),
    },
  ],
};

/** One look at everything. */
export function lintianTrial({ name, source, artifacts }: Subject, options: readonly string[]): Trial {
  const hasSource = artifacts.some(({ kind }) => kind === "dsc");
  const dsc = hasSource ? null : source.dscName;
  return {
    title: "lintian",
    environment,
    content: [artifactsTar(artifacts), ...(dsc === null ? [] : [sourceTar(source)])],
    argv: [
      "lintian",
      ...options,
      `${checkDirectory}/${name}.changes`,
      ...(dsc === null ? [] : [`${checkDirectory}/${dsc}`]),
    ],
    user: "builder",
    ...(dsc !== null && source.digest === null
      ? {}
      : { inputs: async () => ({ results: await digestsOf(artifacts), dsc: source.digest }) }),
    judge: judgeLintian,
  };
}

/**
 * lintian's exit codes since 2.77 (lintian(1): 1 is its own fault, 2 what `--fail-on` names), and its tags by their letters.
 */
export function judgeLintian({ exitCode, output }: Ending): Verdict {
  const found = new Map(tagKinds.map(([letter]) => [letter, countTags(output, letter)]));
  const counts = tagKinds.flatMap(([letter, one, many]) => {
    const count = found.get(letter) ?? 0;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  const summary = counts.length === 0 ? "no tags" : counts.join(", ");
  if (exitCode === 2) return { status: "fail", summary };
  if (exitCode !== 0) return { status: "error", summary: `lintian itself failed with exit code ${exitCode}` };
  if ((found.get("W") ?? 0) > 0) return { status: "warn", summary };
  return { status: (found.get("I") ?? 0) > 0 ? "info" : "pass", summary };
}

/** As `judgeLintian`, with how many tags an earlier build had not, when lintian was run on that too. */
export async function judgeBeside(earlier: EarlierBuild | null): Promise<Trial["judge"]> {
  const before = await tagsBefore(earlier);
  return before === null ? judgeLintian : (ending) => withNews(judgeLintian(ending), ending, before);
}

/** lintian's tags of an earlier build, by whole lines. */
interface TagsBefore {
  readonly lines: ReadonlySet<string>;
  readonly words: string;
}

/** Null when lintian was not run then. */
async function tagsBefore(earlier: EarlierBuild | null): Promise<TagsBefore | null> {
  if (earlier === null) return null;
  const name = (await readdir(earlier.directory)).find((each) => each.endsWith(".lintian.log"));
  if (name === undefined) return null;
  const text = await readFile(join(earlier.directory, name), "utf8");
  return { lines: new Set(tagLines(text)), words: earlier.words };
}

/** How many tags there are that the earlier build had not. */
function withNews(verdict: Verdict, { output }: Ending, { lines, words }: TagsBefore): Verdict {
  const count = tagLines(output).filter((line) => !lines.has(line)).length;
  return count === 0 ? verdict : { ...verdict, summary: `${verdict.summary}; ${count} not in ${words}` };
}

function tagLines(text: string): readonly string[] {
  return text.match(/^[EWI]: .*$/gm) ?? [];
}

const tagKinds = [
  ["E", "error", "errors"],
  ["W", "warning", "warnings"],
  ["I", "remark", "remarks"],
] as const;

function countTags(output: string, letter: string): number {
  return output.match(new RegExp(`^${letter}: `, "gm"))?.length ?? 0;
}
