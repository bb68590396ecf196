import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { asFailure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { lockedSetOf } from "../../environment/plan.ts";
import type { Desk } from "../desk.ts";
import { subsubsection } from "../sbuild-log.ts";
import type { LoadedPlugin } from "./load.ts";
import type { PluginOutcome } from "./outcome.ts";
import type { InstalledPackage, ReportedBuild } from "./plugin.ts";

/** What a plugin gives, as far as it is taken. */
const Given = z.strictObject({
  lines: z.array(z.string()).max(1000).optional(),
  files: z
    .array(z.strictObject({ ending: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,40}$/), text: z.string() }))
    .optional(),
});

const patienceMs = 60_000;

/**
 * Tells plugins of a build and takes what they give: lines for log and result, files for the directory of the results. One that
 * throws, takes too long or gives what it must not is an outcome, and the next is asked.
 */
export async function askPlugins(
  plugins: readonly LoadedPlugin[] | undefined,
  desk: Desk,
  result: ReportedBuild["result"],
): Promise<readonly PluginOutcome[]> {
  const outcomes: PluginOutcome[] = [];
  for (const plugin of plugins ?? []) {
    const outcome = await askPlugin(plugin, desk, result);
    const { name, status, lines } = outcome;
    desk.log.write(`${subsubsection(`Plugin ${name}`)}${lines.map((line) => `${line}\n`).join("")}`);
    if (status === "failed")
      desk.task.warn(
        `The plugin ${name} failed: ${lines.join("; ")}`,
        "The results are what they are without it.",
      );
    outcomes.push(outcome);
  }
  return outcomes;
}

async function askPlugin(
  plugin: LoadedPlugin,
  desk: Desk,
  result: ReportedBuild["result"],
): Promise<PluginOutcome> {
  const { name } = plugin;
  try {
    const given = Given.parse(await timely(plugin, frozen(reportedBuild(plugin, desk, result))));
    const files: string[] = [];
    for (const { ending, text } of given.files ?? []) {
      const file = `${desk.plan.name}.${name}.${ending}`;
      await writeFile(join(desk.staging.path, file), text, { flag: "wx" });
      files.push(file);
    }
    return { name, status: "done", lines: (given.lines ?? []).map(printableLine), files };
  } catch (thrown) {
    return { name, status: "failed", lines: [printableLine(reasonOf(thrown))], files: [] };
  }
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof z.ZodError)) return asFailure(thrown).message;
  const [issue] = thrown.issues;
  return `what it gives is not of the right form: ${issue?.path.join(".") || "report"}: ${issue?.message ?? "invalid"}`;
}

/** @throws Error when the plugin has not ended by itself after a minute. What never leaves the processor cannot be stopped. */
async function timely(plugin: LoadedPlugin, build: ReportedBuild): Promise<unknown> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it gave nothing within a minute")), patienceMs);
  try {
    return await Promise.race([plugin.report(build), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function reportedBuild(
  { name, options }: LoadedPlugin,
  { plan, environment, answers }: Desk,
  result: ReportedBuild["result"],
): ReportedBuild {
  const set = environment === null ? null : lockedSetOf(environment.plan);
  return {
    name: plan.name,
    result,
    base: set?.basePackages.map(installed) ?? [],
    packages: set?.lock.packages.map(installed) ?? [],
    answers: answers.get(name) ?? {},
    options,
  };
}

function installed({ name, version, architecture }: InstalledPackage): InstalledPackage {
  return { name, version, architecture };
}

/** A copy that cannot be changed, however deep. */
export function frozen<T>(value: T): T {
  const copy = structuredClone(value);
  freeze(copy);
  return copy;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
