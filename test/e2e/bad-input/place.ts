import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, vi } from "vitest";
import { labels } from "../../../src/environment/names.ts";
import { type TestedEngine, connect } from "../../engine/engines.ts";
import { mainEngine } from "../engine.ts";
import { type Ended, openKiln, program, removal } from "../kiln.ts";

/** A directory to run the command in, with a directory for temporary files of its own in which nothing may stay. */
export interface Place {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** All of debkiln's containers in the engine, by name. */
  containers(): Promise<readonly string[]>;
  /** By another command that becomes it, if one is named: `wrapper` is that command's words. */
  run(
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
    wrapper?: readonly string[],
  ): Promise<Run>;
}

/** How a command ended, and what it left beside its output. */
export interface Run extends Ended {
  readonly containers: readonly string[];
  readonly unfinished: readonly string[];
}

export async function openPlace(engine: TestedEngine = mainEngine): Promise<Place & AsyncDisposable> {
  const kiln = await openKiln(engine);
  const { directory, environment: given } = kiln;
  const temporary = join(directory, "temporary");
  // Not the place of the results, for the test's own files lie there.
  const environment: Record<string, string> = { ...given, TMPDIR: temporary, DEBKILN_OUTPUT: "out" };
  await mkdir(temporary);
  const run: Place["run"] = async (words, more = {}, wrapper = []) => {
    const used: Record<string, string> = { ...environment, ...more };
    const [first = program, ...rest] = [...wrapper, program, ...words];
    const child = execa(first, rest, {
      cwd: directory,
      env: used,
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });
    const { exitCode, stdout, stderr } = await child;
    const output = join(directory, used["DEBKILN_OUTPUT"] ?? "");
    return {
      exitCode,
      stdout,
      stderr,
      containers: await containersLeft(engine, child.pid ?? 0),
      unfinished: [
        ...(await namesIn(temporary)),
        ...(await namesIn(join(used["DEBKILN_CACHE_DIR"] ?? "", "tmp"))).filter(isOf(child.pid)),
        ...(await namesIn(output)).filter((name) => name.startsWith(".")),
      ],
    };
  };
  return {
    directory,
    environment,
    run,
    containers: () => kiln.containers(),
    [Symbol.asyncDispose]: () => kiln[Symbol.asyncDispose](),
  };
}

/** What a failing command showed and left: the last failure, whether there was a stack, and what should not be there. */
export function refusalOf(ended: Run) {
  const { exitCode, stdout, stderr, containers, unfinished } = ended;
  const stack = /^ +at .+:\d+:\d+\)?$/m.test(stdout + stderr);
  return { exitCode, ...lastFailure(stderr), stack, containers, unfinished };
}

/** How it should be: this exit code, these words and a hint, no stack, nothing left behind. */
export function refused(wanted: { readonly exitCode: number; readonly says: RegExp; readonly hint: RegExp }) {
  const error: unknown = expect.stringMatching(wanted.says);
  const hint: unknown = expect.stringMatching(wanted.hint);
  return { exitCode: wanted.exitCode, error, hint, stack: false, containers: [], unfinished: [] };
}

function lastFailure(stderr: string): { readonly error: string; readonly hint: string } {
  const text = stderr.slice(stderr.lastIndexOf("error: "));
  const [error = "", hint = ""] = text.replace(/^error: /, "").split("\nhint: ");
  return { error, hint };
}

/** The launcher becomes debkiln, so that the child's id is that of the process which made the containers. */
async function containersLeft(engine: TestedEngine, pid: number): Promise<readonly string[]> {
  await using connected = await connect(engine);
  const list = async () => {
    const all = await connected.containers({ [labels.run]: "" });
    return all
      .filter(({ labels: { [labels.process]: owner = "" } }) => owner.split("/").at(-2) === String(pid))
      .map(({ name }) => name);
  };
  return await vi.waitUntil(async () => (await list()).length === 0, removal).then(() => [], list);
}

function isOf(pid: number | undefined): (name: string) => boolean {
  return (name) => decodeURIComponent(name).split("/").at(-2) === String(pid);
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
