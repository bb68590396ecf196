import { Task, throwIfAborted, type Report } from "../base/event.ts";
import { loadExeca } from "../base/load-execa.ts";
import type { Finding } from "./finding.ts";

export interface MendOptions {
  readonly report: Report;
  /** Looks again, after something was mended: one mending may uncover what the next must mend. */
  readonly examine: () => Promise<readonly Finding[]>;
  /** Stops before the next command. The running one ends by itself: a package installation cut off leaves a mess. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the commands of the findings' fixes, exactly as they are printed, and gives what is found afterwards. Fixes that
 * need consent are left alone, and so are warnings when root would have to be asked for with a password. A command
 * that fails is a warning: what counts is whether the finding is gone.
 */
export async function mendHost(
  findings: readonly Finding[],
  options: MendOptions,
): Promise<readonly Finding[]> {
  const task = new Task(options.report, ["doctor"]);
  const root = await rootAccess();
  const done = new Set<string>();
  let current = findings;
  for (;;) {
    const open = current.filter(
      (finding) => mendable(finding, root) && !commandsOf(finding).every((c) => done.has(c)),
    );
    if (open.length === 0) return current;
    for (const finding of open) {
      const commands = commandsOf(finding).filter((command) => !done.has(command));
      for (const command of commands) done.add(command);
      await task.step(finding.check, `Mend: ${finding.message}`, (step) =>
        runAll(commands, step, options.signal),
      );
    }
    current = await options.examine();
  }
}

/** How commands can become root's: at once, after a password, or not at all. */
type RootAccess = "free" | "password" | "none";

async function rootAccess(): Promise<RootAccess> {
  if (process.getuid?.() === 0) return "free";
  const execa = await loadExeca();
  const { failed, code } = await execa("sudo", ["-n", "true"], { reject: false, stdio: "ignore" });
  if (!failed) return "free";
  return code === "ENOENT" || !process.stdin.isTTY ? "none" : "password";
}

function mendable({ status, fix }: Finding, root: RootAccess): boolean {
  if (status === "ok" || fix === undefined || fix.consent !== undefined) return false;
  return !fix.needsRoot || root === "free" || (root === "password" && status === "error");
}

function commandsOf({ fix }: Finding): readonly string[] {
  return fix?.commands ?? [];
}

async function runAll(
  commands: readonly string[],
  task: Task,
  signal: AbortSignal | undefined,
): Promise<void> {
  const execa = await loadExeca();
  for (const command of commands) {
    if (signal !== undefined) throwIfAborted(signal);
    task.note(command);
    const subprocess = execa("sh", ["-c", command], { reject: false, all: true, stdin: "inherit" });
    for await (const line of subprocess.iterable({ from: "all" })) task.log(`${line}\n`);
    const { exitCode } = await subprocess;
    if (exitCode !== 0) {
      task.warn(`\`${command}\` failed with exit code ${exitCode ?? "unknown"}`);
      return;
    }
  }
}
