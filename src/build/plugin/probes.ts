import type { Task } from "../../base/event.ts";
import { asFailure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import { Head } from "../../environment/head.ts";
import type { LoadedPlugin } from "./load.ts";
import type { Answer, Probe } from "./plugin.ts";

/** What plugins' probes came to, by plugin and probe. */
export type Answers = Map<string, Record<string, Answer>>;

const longestOutput = 16 * 1024 ** 2;
const seconds = 60;

export interface ProbePlace {
  readonly container: Container;
  /** Takes what they come to. */
  readonly answers: Answers;
  readonly task: Task;
  readonly signal: AbortSignal;
}

/**
 * Runs the probes of that moment in the build's container, as nobody. What cannot be had is missing for the plugin: no probe fails a
 * build.
 */
export async function runProbes(
  plugins: readonly LoadedPlugin[] | undefined,
  when: Probe["when"],
  { container, answers, task, signal }: ProbePlace,
): Promise<void> {
  for (const { name, probes = [] } of plugins ?? []) {
    for (const probe of probes) {
      if (probe.when !== when || signal.aborted) continue;
      try {
        const answer = await ask(probe, container, signal);
        answers.set(name, { ...answers.get(name), [probe.name]: answer });
      } catch (thrown) {
        if (!signal.aborted)
          task.note(
            `The probe ${probe.name} of the plugin ${name} could not be run: ${asFailure(thrown).message}`,
          );
      }
    }
  }
}

async function ask(probe: Probe, container: Container, signal: AbortSignal): Promise<Answer> {
  const stdout = new Head(longestOutput);
  const { exitCode } = await container.run(["timeout", "-s", "KILL", String(seconds), ...probe.argv], {
    user: "65534:65534",
    directory: "/",
    environment: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/nonexistent",
      LC_ALL: "C.UTF-8",
    },
    stdout,
    signal: AbortSignal.any([signal, AbortSignal.timeout((seconds + 10) * 1000)]),
  });
  return { exitCode, output: stdout.text };
}
