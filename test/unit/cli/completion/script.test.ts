import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Shell, shells } from "../../../../src/cli/completion/shells.ts";
import { commands } from "../../../../src/cli/commands/index.ts";
import { commandFacts } from "../../../../src/cli/reference/facts.ts";
import { completionScript, loginShell } from "../../../../src/cli/completion/script.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "debkiln-completion-"));
  for (const shell of shells) writeFileSync(scriptOf(shell), completionScript(shell, commandFacts(commands)));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

// The shells themselves are the judges.
describe.each(["bash", "fish", "zsh"] as const)("the completion of %s", (shell) => {
  test("knows the commands", async () => {
    expect(await completed(shell, "bui")).toEqual(["build"]);
    expect(await completed(shell, "env li")).toEqual(["list"]);
  });

  test("knows a command's flags, the shared ones and the negated ones", async () => {
    expect(await completed(shell, "build --arch-a")).toEqual(["--arch-all", "--arch-any"]);
    expect(await completed(shell, "env list --verb")).toEqual(["--verbose"]);
    expect(await completed(shell, "build --no-check-v")).toEqual(["--no-check-valid-until"]);
  });

  test("knows the values of flags that have a fixed set", async () => {
    expect(await completed(shell, "image lint --set-as --color a")).toEqual(["always", "auto"]);
  });
});

test("the login shell is the one that the environment names", () => {
  expect(loginShell({ SHELL: "/usr/bin/fish" })).toBe("fish");
  expect(() => loginShell({ SHELL: "/bin/dash" })).toThrow("There is no completion for dash");
  expect(() => loginShell({})).toThrow("There is no completion for this shell");
});

function scriptOf(shell: Shell): string {
  return join(directory, shell === "zsh" ? "_debkiln" : `debkiln.${shell}`);
}

/** What the shell offers for a command line, sorted. */
async function completed(shell: Shell, line: string): Promise<string[]> {
  const words = await { bash: askBash, fish: askFish, zsh: askZsh }[shell](`debkiln ${line}`);
  return [...new Set(words)].filter((word) => word !== "").toSorted();
}

async function askBash(line: string): Promise<string[]> {
  const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _debkiln; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa("bash", ["-c", script, scriptOf("bash"), ...line.split(" ")]);
  return stdout.split("\n");
}

async function askFish(line: string): Promise<string[]> {
  const script = `source $argv[1]; complete -C $argv[2]`;
  const { stdout } = await execa("fish", ["--no-config", "-c", script, scriptOf("fish"), line], {
    env: { HOME: directory },
  });
  return stdout.split("\n").map((each) => each.split("\t")[0] ?? "");
}

/** zsh completes in a terminal only: one of zsh/zpty's, with the list of what is offered printed after a tab. */
async function askZsh(line: string): Promise<string[]> {
  const { stdout } = await execa("zsh", ["-f", "-c", zshTerminal, "zsh", directory, line], {
    env: { HOME: directory, TERM: "dumb" },
  });
  return stdout.split("\n");
}

const zshTerminal = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; fpath=($1 \\$fpath); autoload -U compinit; compinit -u -d $1/dump; zmodload zsh/complist"
zpty -w z 'show() { compstate[insert]=; compstate[list]=; local -a found; compadd() { builtin compadd -A found "$@"; builtin compadd "$@"; print -lr -- ">>\${(@)^found}<<" ; }; _main_complete; print -r -- ">>END<<"; }'
zpty -w z 'zle -C show complete-word show; bindkey "^I" show'
zpty -w z "print -r -- '>>RE''ADY<<'"
zpty -r -m z text '*>>READY<<*'
zpty -w -n z "$2"$'\\t'
zpty -r -m z text '*>>END<<*'
print -r -- "$text" | tr -d '\\r' | sed -n 's/.*>>\\(..*\\)<<.*/\\1/p' | grep -v '^END$'
zpty -d z
`;
