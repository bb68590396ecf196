import { basename } from "node:path";
import { Failure } from "../../base/failure.ts";
import { type CommandFacts, sharedFlags } from "../reference/facts.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type Shell, shells } from "./shells.ts";
import { zshScript } from "./zsh.ts";

/** The shell's completion of debkiln's commands, flags and their values, as a script that it reads. */
export function completionScript(shell: Shell, facts: readonly CommandFacts[]): string {
  const shared = sharedFlags();
  const commands = facts.map((each) => ({ ...each, all: [...each.flags, ...shared] }));
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

/**
 * The shell that the user's environment names.
 * @throws Failure unknown-shell (usage) when that is none of ours.
 */
export function loginShell({ SHELL }: Readonly<Record<string, string | undefined>>): Shell {
  const name = basename(SHELL ?? "");
  const shell = shells.find((each) => each === name);
  if (shell !== undefined) return shell;
  throw new Failure(
    "usage",
    "unknown-shell",
    `There is no completion for ${name === "" ? "this shell" : name}`,
    {
      hint: `Name one of ${shells.join(", ")}.`,
    },
  );
}
