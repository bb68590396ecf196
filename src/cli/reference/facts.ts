import { KilnCommand } from "../command.ts";

/** A flag as help, manual and completion tell it. */
export interface FlagFacts {
  readonly name: string;
  readonly char: string | null;
  /** What stands for its value (`FILE`, `a|b`); null when it takes none. */
  readonly value: string | null;
  /** The only values that it takes; empty when any will do. */
  readonly choices: readonly string[];
  /** Whether there is a `--no-` form. */
  readonly negated: boolean;
  readonly description: string;
}

export interface ArgumentFacts {
  readonly name: string;
  readonly description: string;
}

/** A command as help, manual and completion tell it. */
export interface CommandFacts {
  /** Without the program's name: `env list`. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly arguments: readonly ArgumentFacts[];
  /** Whether more arguments may follow. */
  readonly more: boolean;
  /** Its own; `sharedFlags` come on top. */
  readonly flags: readonly FlagFacts[];
  readonly examples: readonly { readonly description: string; readonly command: string }[];
}

/** What commands say of themselves, in the table's order; its keys are oclif's ids (`env:list`). */
export function commandFacts(table: Readonly<Record<string, Described>>): readonly CommandFacts[] {
  return Object.entries(table).map(([id, command]) => ({
    name: id.replaceAll(":", " "),
    summary: command.summary ?? "",
    description: withProgram(command.description ?? ""),
    arguments: Object.entries(command.args ?? {}).map(([name, { description }]) => ({
      name,
      description: description ?? "",
    })),
    more: command.strict === false,
    flags: flagFacts(command.flags ?? {}).filter(({ name }) => !(name in KilnCommand.baseFlags)),
    examples: (command.examples ?? []).map((each) =>
      typeof each === "string"
        ? { description: "", command: withProgram(each) }
        : { description: each.description, command: withProgram(each.command) },
    ),
  }));
}

/** The flags that every command has. */
export function sharedFlags(): readonly FlagFacts[] {
  return flagFacts(KilnCommand.baseFlags);
}

/** As much of oclif's command classes as is told here. */
export interface Described {
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly args?: Readonly<Record<string, { readonly description?: string | undefined }>> | undefined;
  readonly flags?: Readonly<Record<string, DescribedFlag>> | undefined;
  readonly examples?:
    | readonly (string | { readonly description: string; readonly command: string })[]
    | undefined;
}

interface DescribedFlag {
  readonly char?: string | undefined;
  readonly type: string;
  readonly helpValue?: string | readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
  readonly allowNo?: boolean | undefined;
  readonly hidden?: boolean | undefined;
  readonly description?: string | undefined;
}

function flagFacts(flags: Readonly<Record<string, DescribedFlag>>): FlagFacts[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, { char, type, helpValue, options, allowNo, description }]) => ({
      name,
      char: char ?? null,
      value: type === "boolean" ? null : [options ?? helpValue ?? "N"].flat().join("|"),
      choices: options ?? [],
      negated: allowNo === true,
      description: description ?? "",
    }));
}

/** oclif's templates name the program by its own variables. */
function withProgram(text: string): string {
  return text.replaceAll("<%= config.bin %>", "debkiln");
}
