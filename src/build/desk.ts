import { join } from "node:path";
import { type Report, Task } from "../base/event.ts";
import type { About } from "../engine/engine.ts";
import type { Environment } from "../environment/environment.ts";
import type { Kiln } from "../environment/kiln.ts";
import { BuildLog } from "./build-log.ts";
import type { HookOutcome } from "./hook/hook.ts";
import type { CacheUse } from "./compiler-cache.ts";
import { EventFile } from "./event-file.ts";
import type { Answers } from "./plugin/probes.ts";
import { PhaseClock } from "./phase-clock.ts";
import type { BuildPlan } from "./plan.ts";
import type { StagingDirectory } from "./publish.ts";

/** Everything a running build writes to. */
export interface Desk {
  readonly plan: BuildPlan;
  readonly staging: StagingDirectory;
  readonly log: BuildLog;
  readonly events: EventFile;
  readonly clock: PhaseClock;
  readonly task: Task;
  /** For work beside the step that runs: its events are kept, and what its tools print is not. */
  readonly aside: Task;
  environment: Environment | null;
  /** Null until it is asked. */
  about: Promise<About | null> | null;
  spaceKib: number | null;
  /** What the build had of its compiler cache; null when it had none, or nothing is known. */
  cacheUse: CacheUse | null;
  sourceDateEpoch: number | null;
  /** How the user's hooks ended that ran so far. */
  readonly hooks: HookOutcome[];
  /** What the user's plugins wanted to know of the container. */
  readonly answers: Answers;
  /** The innermost step that runs, and when it began, in milliseconds of `performance.now()`. */
  readonly step: { name: string; since: number };
}

/** More than any honest build prints; one that prints without end fills no disk. */
const longestLog = 4 * 1024 ** 3;

/** Opens a build's log and event file in its staging directory. @throws Failure log-unwritable (infrastructure). */
export async function openDesk(
  plan: BuildPlan,
  staging: StagingDirectory,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Desk> {
  const events = new EventFile(join(staging.path, "events.jsonl"));
  const both: Report = (event) => {
    events.write(event);
    report(event);
  };
  // Whatever goes into the log is also shown as the output of the step that runs just then.
  let path = [`${plan.source.name}_${plan.source.version}`];
  const log = await BuildLog.create(join(staging.path, `${plan.name}.build`), {
    limitBytes: longestLog,
    signal,
    backlog: () => report.backlog?.() ?? null,
    tee: (text) => report({ type: "log", path, time: Date.now(), text }),
  });
  const step = { name: "", since: performance.now() };
  const task = new Task((event) => {
    if (event.type === "started") path = [...event.path];
    if (event.type === "finished") path = event.path.slice(0, -1);
    if (event.type === "started" || event.type === "finished") {
      step.name = path.at(-1) ?? "";
      step.since = performance.now();
    }
    if (event.type === "log") log.write(event.text);
    else both(event);
  }, path);
  const aside = new Task((event) => {
    if (event.type !== "log") both(event);
  }, path);
  return {
    plan,
    staging,
    log,
    events,
    clock: new PhaseClock(({ name, seconds, resources }) => task.measured(name, seconds, resources)),
    task,
    aside,
    environment: null,
    about: null,
    spaceKib: null,
    cacheUse: null,
    sourceDateEpoch: null,
    hooks: [],
    answers: new Map(),
    step,
  };
}

/** What the engine says of itself, asked once in a build; null when it does not say. */
export function aboutOf({ engine }: Kiln, desk: Desk): Promise<About | null> {
  return (desk.about ??= engine.about().catch(() => null));
}
