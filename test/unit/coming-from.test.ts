import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { inputShape, shapeAt } from "../../src/base/config.ts";
import { commands } from "../../src/cli/commands/index.ts";
import { commandFacts, sharedFlags } from "../../src/cli/reference/facts.ts";
import { variableOf } from "../../src/cli/setting-variables.ts";
import { Settings } from "../../src/cli/settings.ts";
import { caches } from "../../src/environment/scrub-plan.ts";
import { mockWords, pbuilderWords, sbuildVariables, sbuildWords } from "./other-tools.ts";

const tools = [
  { tool: "mock", page: "coming-from-mock.md", words: mockWords },
  { tool: "sbuild", page: "coming-from-sbuild.md", words: sbuildWords },
  { tool: "pbuilder", page: "coming-from-sbuild.md", words: pbuilderWords },
];

describe.each(tools)("the tables for users of $tool", ({ tool, page, words }) => {
  const rows = rowsIn(page, tool);
  const theirs = wordsIn(rows);

  test("have a row for each of its words", () => {
    expect(words.filter((word) => !theirs.has(word))).toEqual([]);
  });

  test("name only commands, flags and settings that there are", () => {
    expect(rows.flatMap((row) => faultsIn(row, theirs))).toEqual([]);
  });
});

describe("the variables of sbuild.conf", () => {
  const theirs = wordsIn(rowsIn("coming-from-sbuild.md", "sbuild"));

  test("each have a row, or the name of an option that has one", () => {
    const holes = sbuildVariables.filter(
      (name) => !theirs.has(`$${name}`) && !theirs.has(`--${name.replaceAll("_", "-")}`),
    );

    expect(holes).toEqual([]);
  });

  test("are all that have a row", () => {
    const named = [...theirs].filter((word) => word.startsWith("$")).map((word) => word.slice(1));

    expect(named.filter((name) => !sbuildVariables.includes(name))).toEqual([]);
  });
});

describe("a row that is wrong is noticed:", () => {
  test.each([
    ["`debkiln biuld .`", "", "no command: debkiln biuld ."],
    ["`debkiln image`", "", "no command: debkiln image"],
    ["`debkiln build --lokced LOCK`", "", "build has no --lokced"],
    ["`debkiln gc --older-than TIME -x`", "", "gc has no -x"],
    ["`debkiln shell --no-frozzen`", "", "shell has no --no-frozzen"],
    ["`debkiln build --no-keep`", "", "build has no --no-keep"],
    ["`debkiln build --color green`", "", "--color takes no green"],
    ["`debkiln scrub cellars`", "", "scrub has no cellars"],
    ["`output_dir = DIR`", "", "no setting: output_dir"],
    ["`targets.NAME.sweet = SUITE`", "", "no setting: targets.NAME.sweet"],
    ["`toast`", "", "neither a command nor a setting: toast"],
    ["not yet", "", "no sentence says why, or what to do"],
    ["no", "because", "no sentence says why, or what to do"],
    ["perhaps", "It may.", "neither a form nor one of the words: perhaps"],
    ["not yet", "Use `debkiln bake` meanwhile.", "no command: debkiln bake"],
    ["not yet", "Use `--bake` meanwhile.", "no command has --bake"],
    ["by itself", "As `DEBKILN_OVEN` says.", "no setting: DEBKILN_OVEN"],
    ["by itself", "As `DEBKILN_FILES` says.", "no setting: DEBKILN_FILES"],
  ])("%s %s", (ours, remark, fault) => {
    expect(faultsIn({ theirs: "`--x`", ours, remark }, new Set(["--x"]))).toEqual([`\`--x\`: ${fault}`]);
  });

  test.each([
    ["`debkiln exec --env NAME --save -- COMMAND --whatever`", ""],
    ["`debkiln env init NAME`, `debkiln repo add DIR`", ""],
    ["`debkiln build -d SUITE --no-lintian --debbuildopt=-sa`", ""],
    ["`max_age = TIME`, `targets.NAME.suite = SUITE`", ""],
    ["no", "Debian has none; `--x` is another's, `--keep` ours."],
  ])("and one that is right is not: %s %s", (ours, remark) => {
    expect(faultsIn({ theirs: "`--x`", ours, remark }, new Set(["--x"]))).toEqual([]);
  });
});

/** A line of a table whose head is `| TOOL | debkiln | Remarks |`. */
interface Row {
  readonly theirs: string;
  readonly ours: string;
  readonly remark: string;
}

function rowsIn(page: string, tool: string): Row[] {
  return rowsOf(readFileSync(fileURLToPath(new URL(`../../docs/${page}`, import.meta.url)), "utf8"), tool);
}

/** What the tables have rows for. */
function wordsIn(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => spansOf(row.theirs)).map(firstWord));
}

function rowsOf(page: string, tool: string): Row[] {
  const head = `| ${tool} | debkiln | remarks |\n`;
  const tables = page.split(/\n{2,}/).filter((block) => block.toLowerCase().startsWith(head));
  return tables.flatMap((table) => table.trimEnd().split("\n").slice(2).map(rowOf));
}

function rowOf(line: string): Row {
  const cells = line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [theirs = "", ours = "", remark = ""] = cells;
  if (cells.length !== 3) throw new Error(`${cells.length} cells: ${line}`);
  return { theirs, ours, remark };
}

function spansOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
}

/** `--config-opts` of `--config-opts K=V`. */
function firstWord(span: string): string {
  return span.split(/[ =]/)[0] ?? span;
}

/** What stands where there is no form; a sentence beside it says why, or what to do. */
const formless = ["by itself", "not yet", "no"];

/** What is wrong with a row. `theirs` are the other tool's words, of which remarks may speak. */
function faultsIn({ theirs: name, ours, remark }: Row, theirs: ReadonlySet<string>): string[] {
  const forms = spansOf(ours);
  const rest = ours
    .replaceAll(/`[^`]+`/g, "")
    .replaceAll(/[\s,]+/g, " ")
    .trim();
  const faults = [
    ...forms.map(faultOfForm),
    ...spansOf(remark).map((span) => faultOfMention(span, theirs)),
    forms.length === 0 && !formless.includes(ours) ? `neither a form nor one of the words: ${ours}` : null,
    forms.length > 0 && rest !== "" ? `more than forms: ${rest}` : null,
    formless.includes(ours) && !remark.endsWith(".") ? "no sentence says why, or what to do" : null,
  ];
  return faults.filter((fault) => fault !== null).map((fault) => `${name}: ${fault}`);
}

function faultOfForm(span: string): string | null {
  if (/^debkiln( |$)/.test(span)) return faultOfCommand(span);
  const [, key] = /^([a-zA-Z_.]+) = /.exec(span) ?? [];
  return key === undefined ? `neither a command nor a setting: ${span}` : faultOfSetting(key);
}

function faultOfMention(span: string, theirs: ReadonlySet<string>): string | null {
  if (/^debkiln( |$)/.test(span)) return faultOfCommand(span);
  if (/^DEBKILN_[A-Z_]+/.test(span)) return faultOfVariable(span);
  if (!span.startsWith("-") || theirs.has(firstWord(span))) return null;
  const isOurs = facts.some(({ name }) => faultOfFlag(name, firstWord(span)) === null);
  return isOurs ? null : `no command has ${span}`;
}

const facts = commandFacts(commands);
const shared = sharedFlags();
const program = ["debkiln --version", "debkiln --help"];

function faultOfCommand(span: string): string | null {
  if (program.includes(span)) return null;
  const argv = span.split(" ").slice(1);
  const command = facts.find(({ name }) => `${argv.join(" ")} `.startsWith(`${name} `));
  if (command === undefined) return `no command: ${span}`;
  const end = argv.indexOf("--");
  const own = argv.slice(command.name.split(" ").length, end === -1 ? undefined : end);
  const flag = own.find((word) => word.startsWith("-") && faultOfFlag(command.name, word) !== null);
  if (flag !== undefined) return faultOfFlag(command.name, flag);
  const cache =
    command.name === "scrub"
      ? own.find((word) => !word.startsWith("-") && word !== "KIND" && !(word in caches))
      : undefined;
  if (cache !== undefined) return `scrub has no ${cache}`;
  return faultOfChoices(command.name, own);
}

function faultOfFlag(command: string, word: string): string | null {
  const [written = ""] = word.split("=");
  const isThere = flagsOf(command).some(
    ({ name, char, negated }) =>
      written === `--${name}` ||
      (char !== null && written === `-${char}`) ||
      (negated && written === `--no-${name}`),
  );
  return isThere || written === "--help" ? null : `${command} has no ${written}`;
}

/** Of flags with a set of values, a value that is none of them; words in capitals stand for a value. */
function faultOfChoices(command: string, own: readonly string[]): string | null {
  const wrong = own.find((value, at) => {
    const { choices = [] } = flagsOf(command).find(({ name }) => own[at - 1] === `--${name}`) ?? {};
    return choices.length > 0 && !choices.includes(value) && !/^[A-Z]+$/.test(value);
  });
  return wrong === undefined ? null : `${own[own.indexOf(wrong) - 1] ?? ""} takes no ${wrong}`;
}

function flagsOf(command: string) {
  return [...(facts.find(({ name }) => name === command)?.flags ?? []), ...shared];
}

function faultOfSetting(key: string): string | null {
  return shapeAt(inputShape(Settings), key.split(".")) === null ? `no setting: ${key}` : null;
}

function faultOfVariable(span: string): string | null {
  const [name = ""] = span.split("=");
  const key = name.slice("DEBKILN_".length).toLowerCase();
  const shape = shapeAt(inputShape(Settings), [key]);
  const isThere = name === "DEBKILN_DEBUG" || (shape !== null && variableOf(key, shape) === name);
  return isThere ? null : `no setting: ${name}`;
}
