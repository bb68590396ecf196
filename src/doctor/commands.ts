import { dirname } from "node:path";
import { shellWord } from "../base/shell-word.ts";
import type { Facts } from "./facts.ts";
import type { Fix } from "./finding.ts";

/** A small file to be written, with the directory that it is in. */
export interface Writing {
  readonly path: string;
  readonly lines: readonly string[];
}

/** A fix that root does: commands get sudo in front when the asking process is not root. */
export function rootFix(facts: Facts, steps: readonly (string | Writing)[], consent?: string): Fix {
  return {
    commands: commandsOf(steps, facts.privileged ? "" : "sudo "),
    needsRoot: true,
    ...(consent === undefined ? {} : { consent }),
  };
}

/** The steps as shell commands, with a prefix for what acts on files. */
export function commandsOf(steps: readonly (string | Writing)[], prefix = ""): readonly string[] {
  return steps.flatMap((step) =>
    typeof step === "string" ? [`${prefix}${step}`] : writeCommands(step, prefix),
  );
}

function writeCommands({ path, lines }: Writing, sudo: string): readonly string[] {
  return [
    `${sudo}mkdir -p ${dirname(path)}`,
    String.raw`printf '%s\n' ${lines.map(shellWord).join(" ")} | ${sudo}tee ${path} >/dev/null`,
  ];
}

/** Commands that install Debian packages. */
export function installCommands(packages: readonly string[]): readonly string[] {
  return [
    "apt-get update",
    `env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(" ")}`,
  ];
}
