import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run as runOclif, settings } from "@oclif/core";
import { type Failure, asFailure, exitCodes } from "../base/failure.ts";
import { commandFiles } from "./commands/files.ts";
import { commandFailure, commandMistake, commandNamed, spelledOut } from "./command-line.ts";
import { failureText } from "./render/failure-text.ts";
import { jsonRenderer } from "./render/json.ts";
import { chooseStyle } from "./render/style.ts";
import { version } from "./version.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const oclif = { bin: "debkiln", topicSeparator: " " as const, additionalHelpFlags: ["-h"] };

const oclifWithAll = {
  ...oclif,
  commands: { strategy: "explicit" as const, target: "./src/cli/commands/index.ts", identifier: "commands" },
  helpClass: { target: "./src/cli/help.ts", identifier: "KilnHelp" },
  topics: {
    env: { description: "Make, list, update, export and remove environments." },
    image: {
      description: "Build bootable images (bootc) from definitions; lint, compare, push and sign them.",
    },
    repo: { description: "Make and maintain signed apt repositories." },
    snapshot: { description: "Take and restore snapshots of named environments." },
  },
};

/** Runs a command line and gives its exit code. The outermost door: whatever was not shown further in is shown here. */
export async function run(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners("error");
    stream.on("error", onOutputError);
  }
  process.on("uncaughtException", onUncaught(argv));
  try {
    const words = spelledOut(argv[0] === "help" ? [...argv.slice(1), "--help"] : argv);
    settings.enableAutoTranspile = false;
    const code = concernsAll(words) ? await runAmongAll(words) : await runNamed(words);
    return typeof code === "number" ? code : 0;
  } catch (thrown) {
    return show(commandFailure(thrown), argv);
  }
}

/** Help and completion tell of every command. */
function concernsAll(words: readonly string[]): boolean {
  const own = words.slice(0, words.indexOf("--") >>> 0);
  return own[0] === "completion" || own.some((word) => word === "--help" || word === "-h");
}

/** Loads no command but the one that is named: all of them take longer than most of what they do. */
async function runNamed(words: string[]): Promise<unknown> {
  const named = commandNamed(words, commandFiles);
  if (named === null) return await runAmongAll(words);
  const command = await commandFiles[named.id]();
  const mistake = commandMistake(words, { [named.id]: command });
  if (mistake !== null) throw mistake;
  return await command.run([...named.rest], { root, pjson: { ...pjson(), oclif } });
}

async function runAmongAll(words: string[]): Promise<unknown> {
  const { commands } = await import("./commands/index.ts");
  const mistake = commandMistake(words, commands);
  if (mistake !== null) throw mistake;
  return await runOclif(words, { root, pjson: { ...pjson(), oclif: oclifWithAll } });
}

function pjson() {
  return { name: "debkiln", version: version(), type: "module" };
}

/** Gives the failure's exit code. */
function show(failure: Failure, argv: readonly string[]): number {
  if (argv.includes("--json")) jsonRenderer(process.stdout).failure(failure);
  else {
    const style = chooseStyle("auto", process.stderr, process.env);
    const verbose = argv.includes("--verbose") || Boolean(process.env["DEBKILN_DEBUG"]);
    process.stderr.write(failureText(failure, { style, verbose }));
  }
  return exitCodes[failure.fault];
}

/** What nothing caught ends the command at once, told as any failure is; its containers go with the next command. */
function onUncaught(argv: readonly string[]): (thrown: unknown) => void {
  return (thrown) => process.exit(show(asFailure(thrown), argv));
}

/** A reader such as `head` may leave early and a terminal may go away: that is quiet. A full disk is not. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE" || error.code === "EIO") return;
  writeSync(2, `error: Cannot write the output: ${error.message}\n`);
  process.exit(exitCodes.infrastructure);
}
