import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { TestRunner } from "vitest";
import { Event } from "../../src/base/event.ts";
import { BuildResult } from "../../src/build/result.ts";
import { parseLockFile } from "../../src/environment/lock-file.ts";
import { type TestedEngine, connect } from "../engine/engines.ts";

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command on one engine, in a directory of its own. */
export interface Kiln {
  readonly directory: string;
  /** Runs `debkiln` with these words and waits for its end, whatever it is. */
  run(...words: readonly string[]): Promise<Ended>;
  /** Runs `debkiln` as a test's preparation. @throws Error with all that it printed when it fails. */
  succeed(...words: readonly string[]): Promise<Ended>;
  /** Starts `debkiln` with these words. */
  start(...words: readonly string[]): Process;
  /** Variables with which `debkiln` runs there. */
  readonly environment: Readonly<Record<string, string>>;
  /** The containers that the processes started from here still have in the engine, by name. */
  containers(): Promise<readonly string[]>;
}

/** How long an engine may take to remove a container that a command has told it to remove, without waiting for that. */
export const removal = { timeout: 10_000, interval: 100 } as const;

/** A running `debkiln`. */
export type Process = ReturnType<typeof launch>;

export const program = fileURLToPath(new URL("../../bin/debkiln", import.meta.url));

export interface KilnOptions {
  /** The cache that all tests of the engine share, or one that begins empty. */
  readonly cache?: "shared" | "own";
  readonly checks?: "none" | "default";
}

/** A place to run the command in, on an engine. Disposing removes the directory. */
export async function openKiln(
  engine: TestedEngine,
  { cache: whose = "shared", checks = "none" }: KilnOptions = {},
): Promise<Kiln & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-e2e-"));
  const caches = whose === "own" ? directory : (process.env["DEBKILN_TEST_CACHE"] ?? directory);
  const cache = join(caches, engine.name.replaceAll(" ", "-"));
  await mkdir(cache, { recursive: true });
  const environment = {
    ...inherited(),
    XDG_CONFIG_HOME: join(directory, "config"),
    XDG_DATA_HOME: join(directory, "data"),
    DEBKILN_ENGINE: engine.endpoint,
    DEBKILN_CACHE_DIR: cache,
    DEBKILN_MAX_AGE: "1h",
    // An environment for lintian in each test's engine would cost more than the tests: checks.test.ts has it.
    ...(checks === "none" ? { DEBKILN_CHECKS: "," } : {}),
  };
  const pids = new Set<string>();
  const start = (...words: readonly string[]) => {
    const process = launch(words, directory, environment);
    pids.add(String(process.pid));
    return process;
  };
  const run = async (...words: readonly string[]): Promise<Ended> => {
    const { exitCode, stdout, stderr } = await start(...words);
    const said = () => console.error(`debkiln ${words.join(" ")} ended with ${exitCode}:\n${stderr}`);
    TestRunner.getCurrentTest()?.context.onTestFailed(said);
    return { exitCode, stdout, stderr };
  };
  return {
    directory,
    environment,
    start,
    run,
    succeed: async (...words) => {
      const ended = await run(...words);
      if (ended.exitCode === 0) return ended;
      throw new Error(
        `debkiln ${words.join(" ")} ended with ${ended.exitCode}:\n${ended.stdout}${ended.stderr}`,
      );
    },
    containers: async () => {
      await using connected = await connect(engine);
      const all = await connected.containers({ "debkiln.run": "" });
      const ours = all.filter((each) => pids.has(each.labels["debkiln.process"]?.split("/")[2] ?? ""));
      return ours.map(({ name }) => name);
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

function launch(words: readonly string[], directory: string, environment: Readonly<Record<string, string>>) {
  return execa(program, words, {
    cwd: directory,
    env: environment,
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    forceKillAfterDelay: false,
    all: true,
  });
}

/** This process's variables without those that would change what debkiln does or shows. */
function inherited(): Record<string, string> {
  const mine = Object.entries(process.env).filter(
    ([name]) =>
      !/^(DEBKILN_|CI$|GITHUB_|GITLAB_|FORCE_COLOR|NO_COLOR|DEB_|SOURCE_DATE_EPOCH|DOCKER_|CONTAINER_)/.test(
        name,
      ),
  );
  return Object.fromEntries(mine.map(([name, value]) => [name, value ?? ""]));
}

/** What a build left in its directory, each record checked against its schema. */
export async function readRecords(directory: string) {
  const read = (name: string) => readFile(join(directory, name), "utf8");
  const names = await readdir(directory);
  const log = names.find((name) => name.endsWith(".build")) ?? "no log";
  return {
    names: names.toSorted(),
    log: await read(log),
    result: BuildResult.parse(JSON.parse(await read("result.json"))),
    lock: names.includes("lock.json") ? parseLockFile(await read("lock.json"), "lock.json").lock : null,
    events: (await read("events.jsonl"))
      .trimEnd()
      .split("\n")
      .map((line) => Event.parse(JSON.parse(line))),
  };
}

/** The last words of the paths of the tasks that a build began, such as `install`. */
export function tasksOf(events: readonly Event[]): string[] {
  return events.flatMap((event) => (event.type === "started" ? [event.path.at(-1) ?? ""] : []));
}

/** Waits until a process has printed something. @throws Error with what it printed when it ends without. */
export async function says(build: Process, what: RegExp): Promise<void> {
  let seen = "";
  await new Promise<void>((resolve, reject) => {
    build.all.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (what.test(seen)) resolve();
    });
    void build.then(() => reject(new Error(`It ended without printing ${what}:\n${seen}`)));
  });
}
