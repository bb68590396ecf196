import { Errors } from "@oclif/core";
import { z } from "zod";
import { asFailure, Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";

/** As much of oclif's command classes as tells whether a command takes arguments. */
type CommandTable = Readonly<
  Record<string, { readonly args?: Readonly<Record<string, unknown>>; readonly strict?: boolean }>
>;

/**
 * The failure of a command line whose first words are no command, or one that takes no arguments with one; else null.
 * The table's keys are oclif's ids: `env:list`.
 */
export function commandMistake(argv: readonly string[], table: CommandTable): Failure | null {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith("-")) >>> 0);
  const [first, second = ""] = words;
  if (first === undefined) return flagFirst(argv);
  const ids = Object.keys(table);
  const beneath = ids.filter((id) => id.startsWith(`${first}:`)).map((id) => id.slice(first.length + 1));
  if (beneath.length > 0 && !(first in table)) {
    if (words.length === 1) return null;
    if (!beneath.includes(second)) return noCommand(second, beneath, `${first} `);
    return surplus(words.slice(2), `${first}:${second}`, table);
  }
  if (!ids.includes(first)) return noCommand(first, new Set(ids.map((id) => id.split(":")[0] ?? id)), "");
  return surplus(words.slice(1), first, table);
}

/** The command whose name a command line begins with, and the words after it; null when there is none. Keys as above. */
export function commandNamed<Id extends string>(
  argv: readonly string[],
  table: Readonly<Record<Id, unknown>>,
): { readonly id: Id; readonly rest: readonly string[] } | null {
  const isId = (id: string): id is Id => Object.hasOwn(table, id);
  const [first = "", second = ""] = argv;
  if (isId(first)) return { id: first, rest: argv.slice(1) };
  const both = `${first}:${second}`;
  return isId(both) ? { id: both, rest: argv.slice(2) } : null;
}

/**
 * The words of a command line in the form that the parser knows: dpkg-buildpackage's -us and -uc, which say of builds what is so without
 * them, are left out; its flags have a value or have none (`--sign=KEY`, `--ccache=NAME`), and no
 * value looks like a flag; those that begin with a minus get a space before them.
 */
export function spelledOut(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const isBuild = argv[0] === "build" || argv[0] === "source";
  return argv.flatMap((word, at) => {
    if (end !== -1 && at > end) return [word];
    if (isBuild && (word === "-us" || word === "-uc")) return [];
    const [, named, value] = /^--(sign|ccache)=(.+)$/s.exec(word) ?? [];
    const [, flag, option] = /^(--(?:debbuildopt|dpkg-source-opt|aspcud-criteria))=(-.*)$/s.exec(word) ?? [];
    if (flag !== undefined && option !== undefined) return [`${flag}= ${option}`];
    if (named === undefined) return [word];
    return [`--${named}`, `--${named === "sign" ? "sign-key" : "ccache-name"}=${value}`];
  });
}

function flagFirst(argv: readonly string[]): Failure | null {
  const [flag] = argv;
  if (flag === undefined || flag === "--help" || flag === "-h") return null;
  return new Failure("usage", "unknown-flag", `There is no flag ${flag} before a command`, {
    hint:
      flag === "-V"
        ? 'The version is told by "debkiln --version".'
        : 'Write flags after the command: "debkiln build --verbose".',
  });
}

function noCommand(name: string, candidates: Iterable<string>, prefix: string): Failure {
  const meant = nearest(name, candidates);
  const hint =
    meant === null
      ? `Run "debkiln ${prefix}--help" to see what there is.`
      : `Did you mean "debkiln ${prefix}${meant}"?`;
  return new Failure("usage", "unknown-command", `There is no command "${prefix}${name}"`, { hint });
}

function surplus(words: readonly string[], id: string, table: CommandTable): Failure | null {
  const command = table[id];
  const takesAny = command?.strict === false || Object.keys(command?.args ?? {}).length > 0;
  if (words.length === 0 || takesAny) return null;
  const name = id.replace(":", " ");
  return new Failure(
    "usage",
    "unexpected-argument",
    `"debkiln ${name}" takes no arguments, but got "${words[0]}"`,
    {
      hint: `Run "debkiln ${name} --help" to see what it takes.`,
    },
  );
}

/** What oclif's parser tells with its errors; the classes themselves are not exported. */
const ParseError = z.looseObject({
  message: z.string(),
  flags: z.array(z.string()).optional(),
  parse: z.looseObject({
    input: z
      .looseObject({
        flags: z.record(z.string(), z.looseObject({ allowNo: z.boolean().optional() })).optional(),
      })
      .optional(),
  }),
});

/** Any thrown thing as a failure; oclif's complaints about the command line become usage failures of our own form. */
export function commandFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return unwrapped(thrown);
  if (!(thrown instanceof Errors.CLIError)) return asFailure(thrown);
  const hint = "Add --help to see what this command takes.";
  const parsed = ParseError.safeParse(thrown);
  if (!parsed.success)
    return new Failure("usage", "bad-command-line", inOurForm(thrown.message), { hint, cause: thrown });
  const { message, flags, parse } = parsed.data;
  const [unknown] = flags ?? [];
  if (unknown !== undefined) return unknownFlag(unknown, Object.entries(parse.input?.flags ?? {}), hint);
  return new Failure("usage", "bad-command-line", inOurForm(message), { hint });
}

/** A message of oclif's without what it wraps around it. */
function inOurForm(message: string): string {
  return message
    .replace(/\nSee more help with --help$/, "")
    .replace(/^The following errors? occurred:\s*/, "")
    .replace(/^Missing (\d+) required args?:/, "Missing:")
    .replace(/^Parsing (--?\S+) *\n\s*/, "$1: ");
}

/** A failure of ours that came through oclif's parser, which writes its own words around the message. */
function unwrapped(failure: Failure): Failure {
  const [, own] = /^Parsing --?\S+ \n\t(.*)\nSee more help with --help$/s.exec(failure.message) ?? [];
  if (own === undefined) return failure;
  const { fault, code, hint, details, cause } = failure;
  return new Failure(fault, code, own, { ...(hint === undefined ? {} : { hint }), details, cause });
}

type KnownFlag = readonly [name: string, flag: { readonly allowNo?: boolean | undefined }];

function unknownFlag(flag: string, known: readonly KnownFlag[], hint: string): Failure {
  const name = flag.split("=")[0] ?? flag;
  const meant = nearest(name, known.flatMap(spellings));
  return new Failure("usage", "unknown-flag", `There is no flag ${name} here`, {
    hint: meant === null ? hint : `Did you mean ${meant}?`,
  });
}

function spellings([name, { allowNo }]: KnownFlag): string[] {
  return [`--${name}`, ...(allowNo === true ? [`--no-${name}`] : [])];
}
