import type { Task } from "../../base/event.ts";
import { isPinning } from "../apt-choice.ts";
import { withIndices } from "../indices.ts";
import type { Kiln } from "../kiln.ts";
import { putPreferences } from "../resolver-files.ts";
import { Tail } from "../tail.ts";
import { archiveNow } from "./archive-now.ts";
import { handSpec, requireRunnableImage } from "./container.ts";
import { type NamedEnvironment, lockOf } from "./find.ts";
import { copyPackageState } from "./package-state.ts";

/**
 * Asks apt about a named environment and its archive. It runs where the archive's indices are, not in the environment, which
 * has none, and with no network but to refresh them.
 */
export async function askNamed(
  kiln: Kiln,
  named: NamedEnvironment,
  argv: readonly string[],
  task: Task,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { image, record } = named;
  const { target } = record;
  await requireRunnableImage(kiln, image);
  const { archive, base, releases } = await archiveNow(kiln, target, await lockOf(kiln, named), task);
  await using container = await kiln.engine.create(handSpec(kiln, image, { network: "none" }));
  const { extra, apt } = archive;
  const indices = { target, base, releases, extra, altering: true, task };
  return await withIndices(kiln, indices, async (resolver) => {
    await copyPackageState(kiln, container, resolver);
    if (apt !== undefined && isPinning(apt)) await putPreferences(resolver, "target", apt.preferences);
    const output = new Tail(null);
    const environment = { LC_ALL: "C.UTF-8" };
    const options = { stdout: output, stderr: output, environment, signal: kiln.signal };
    const { exitCode } = await resolver.run(argv, options);
    return { exitCode, output: output.text };
  });
}
