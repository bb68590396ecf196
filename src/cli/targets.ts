import { asFailure } from "../base/failure.ts";
import { suite } from "../debian/suite.ts";
import { labels } from "../environment/names.ts";
import { type Execution, executions } from "../environment/emulation.ts";
import { table } from "./render/table.ts";
import type { Session } from "./session.ts";
import { hostArchitecture } from "./target.ts";
import { type ListedTarget, listTargets } from "./target-list.ts";

/** Shows what may be built for here. */
export async function showTargets(session: Session): Promise<void> {
  const { settings } = session;
  const host = hostArchitecture();
  const targets = listTargets({
    definitions: settings.targets,
    default: { name: settings.target, suite: suite("stable").codename, architecture: host },
    executions: await executions(host),
    bases: await basesInEngine(session),
  });
  session.result(targetsText(targets), targets);
}

/** Targets of the bases there; null with a warning when no engine answers, since the list is useful without. */
async function basesInEngine({ connect, task, signal }: Session): Promise<readonly string[] | null> {
  try {
    await using engine = await connect();
    const images = await engine.images({ [labels.kind]: "base" });
    return images.flatMap(({ labels: { [labels.target]: target } }) => target ?? []);
  } catch (thrown) {
    signal.throwIfAborted();
    const { message, hint } = asFailure(thrown);
    task.warn(`Which bases are cached is not known: ${message}`, hint);
    return null;
  }
}

function targetsText(targets: readonly ListedTarget[]): string {
  const rows = targets.map(({ name, isDefault, origin, execution, hasBase }) => [
    isDefault ? `${name} (default)` : name,
    origin,
    howItRuns[execution],
    hasBase === null ? "?" : hasBase ? "cached" : "",
  ]);
  const more =
    "Other suites such as trixie-backports and experimental work too: debian-SUITE-ARCH. " +
    "`debkiln doctor` tells how to run other architectures.\n";
  return `${table(["TARGET", "ORIGIN", "RUNS", "BASE"], rows)}\n${more}`;
}

const howItRuns: Readonly<Record<Execution, string>> = {
  native: "natively",
  emulated: "emulated by qemu",
  impossible: "not on this machine",
};
