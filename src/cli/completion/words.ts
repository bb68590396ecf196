import type { CommandFacts, FlagFacts } from "../reference/facts.ts";

/** What the scripts complete: all commands by name, each with its own flags and those that all have. */
export interface CompletedCommand extends CommandFacts {
  readonly all: readonly FlagFacts[];
}

/** The second words that go with each first word of commands of two: `env` has `list`, `rm`, ... */
export function topics(commands: readonly CommandFacts[]): ReadonlyMap<string, readonly CommandFacts[]> {
  const all = new Map<string, CommandFacts[]>();
  for (const command of commands) {
    const [first = "", second] = command.name.split(" ");
    if (second !== undefined) all.set(first, [...(all.get(first) ?? []), command]);
  }
  return all;
}

/** The commands of one word. */
export function single(commands: readonly CommandFacts[]): readonly CommandFacts[] {
  return commands.filter(({ name }) => !name.includes(" "));
}

/** A word that the shell takes as it is. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
