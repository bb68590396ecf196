import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Failure } from "../base/failure.ts";

/** The tools that run in an image of their own: the names of the files in `Containerfiles/`. */
export const tools = [
  "autodep8",
  "blhc",
  "debdiff",
  "diffoscope",
  "gpgv",
  "lintian",
  "pristine-tar",
  "strace",
  "ukify",
  "uscan",
] as const;
export type Tool = (typeof tools)[number];

/** What a tool's image has beyond its base, as a dpkg relation field. @throws Failure bad-tool-recipe (usage). */
export async function toolPackages(tool: Tool): Promise<string> {
  const file = fileURLToPath(new URL(tool, recipes));
  try {
    return parseToolRecipe(await readFile(file, "utf8"), file).join(", ");
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure("usage", "bad-tool-recipe", `${file} cannot be read`, {
      hint: "It belongs to debkiln: install that anew.",
      cause: thrown,
    });
  }
}

/** Beside `src/`, wherever debkiln is installed and from wherever it is run. */
const recipes = new URL("../../Containerfiles/", import.meta.url);

/**
 * The packages that a Containerfile installs which does nothing else: that much of podman-build(1)'s language can be done by a
 * resolver and an installer without a network. Any other line is refused. Pure. @throws Failure bad-tool-recipe (usage).
 */
export function parseToolRecipe(text: string, file: string): readonly string[] {
  const found = instructionsOf(text);
  for (const [index, { pattern, words }] of form.entries()) {
    const instruction = found[index];
    if (instruction === undefined) throw refused(`${file} ends without its ${words}`, words);
    if (!pattern.test(instruction.text)) throw refused(told(file, instruction), words);
  }
  const [, , install, more] = found;
  if (more !== undefined) throw refused(told(file, more), "the end of the file");
  const [, names = ""] = installing.exec(install?.text ?? "") ?? [];
  return names.trim().split(" ");
}

interface Instruction {
  readonly line: number;
  /** In one line, with single spaces. */
  readonly text: string;
}

/** Comments are whole lines that begin with #; a line that ends with a backslash goes on in the next one. */
function instructionsOf(text: string): readonly Instruction[] {
  const found: Instruction[] = [];
  let open: Instruction | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === null && /^\s*(#|$)/.test(line) && !directive.test(line)) continue;
    const [, words = "", goesOn] = /^(.*?)(\\?)$/s.exec(line) ?? [];
    const { line: first, text: before } = open ?? { line: index + 1, text: "" };
    const whole: Instruction = { line: first, text: `${before} ${words}`.trim().replaceAll(/[ \t]+/g, " ") };
    open = goesOn === "" ? null : whole;
    if (open === null) found.push(whole);
  }
  return open === null ? found : [...found, { ...open, text: `${open.text} \\` }];
}

/** A comment that changes the language, which it does at the beginning only. */
const directive = /^\s*#\s*(syntax|escape|check)\s*=/i;

const installing =
  /^RUN apt-get update && apt-get install --yes --no-install-recommends((?: [a-z0-9][a-z0-9+.-]*[a-z0-9+.])+) && rm -rf \/var\/lib\/apt\/lists\/\*$/;

/** The instructions that there are, in this order, and each once. */
const form = [
  { pattern: /^ARG BASE=[\w./:@-]+$/, words: "ARG BASE=IMAGE" },
  { pattern: /^FROM \$\{BASE\}$/, words: "FROM ${BASE}" },
  {
    pattern: installing,
    words:
      "RUN apt-get update && apt-get install --yes --no-install-recommends PACKAGE... && rm -rf /var/lib/apt/lists/*",
  },
] as const;

function told(file: string, { line, text }: Instruction): string {
  return `${file}:${line} is not of the form of a tool's recipe: ${text}`;
}

function refused(message: string, expected: string): Failure {
  return new Failure("usage", "bad-tool-recipe", message, { hint: `Expected is: ${expected}` });
}
