import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import { fetchPackages } from "../fetch.ts";
import { installPackages } from "../install.ts";
import type { Kiln } from "../kiln.ts";
import { type Difference, type Lock, describeDifference, difference, identity } from "../lock.ts";
import { alterations, environmentAltered, verifyImage, verifyPackages } from "../verify.ts";
import type { AptChange } from "./apt-words.ts";
import { requestedNames } from "./apt-words.ts";
import { handSpec, requireRunnableImage } from "./container.ts";
import { lockOf, requireNamed } from "./find.ts";
import { withChange } from "./record.ts";
import { type Beginning, type PackageChange, resolveChange } from "./resolve-change.ts";
import { claimName, saveNamed } from "./save.ts";

/** What a change came to. */
export interface Changed {
  /** Packages that differ, in words; empty when nothing was to do. */
  readonly changes: readonly string[];
  readonly lock: Lock;
}

/**
 * Changes the packages of a named environment as everything else installs them: apt solves in a container that runs nothing
 * else, the .debs are fetched and checked here, and they are installed without a network. The image that results takes the
 * name when all of it has gone well.
 * @throws Failure no-such-environment (usage), unsatisfiable, install-failed (dependency), environment-altered,
 * no-emulation (infrastructure).
 */
export async function changeNamed(
  kiln: Kiln,
  name: string,
  change: PackageChange,
  said: string,
  task: Task,
): Promise<Changed> {
  await using _ = await claimName(kiln, name, task);
  const named = await requireNamed(kiln, { name, snapshot: null });
  const { image, record, key } = named;
  await requireRunnableImage(kiln, image);
  const lock = await lockOf(kiln, named);
  await using container = await kiln.engine.create(handSpec(kiln, image, { network: "none" }));
  if (record.altered) throw environmentAltered(await alterations(kiln, container, lock), alteredHint(name));
  await verifyImage(kiln, image, container, { lock, key });
  const changed = await applyChange(kiln, container, { name, image, lock, record }, change, task);
  if (changed.changes.length === 0) return changed;
  const next = withChange({ ...record, parent: image.id }, said);
  await task.step("commit", `Keep ${name}`, () =>
    saveNamed(kiln, container, { from: image, name, lock: changed.lock, record: next }),
  );
  return changed;
}

/** Applies a change in a container that has what the beginning's lock says, without keeping it. */
export async function applyChange(
  kiln: Kiln,
  container: Container,
  beginning: Beginning,
  change: PackageChange,
  task: Task,
): Promise<Changed> {
  try {
    return await applyOnce(kiln, container, beginning, change, task);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "not-found" || kiln.freshness.frozen) throw thrown;
    task.note("the mirror no longer has a package: asking it for newer indices");
    const afresh = { ...kiln, freshness: { maxAgeMs: 0, frozen: false } };
    return await applyOnce(afresh, container, beginning, change, task);
  }
}

async function applyOnce(
  kiln: Kiln,
  container: Container,
  beginning: Beginning,
  change: PackageChange,
  task: Task,
): Promise<Changed> {
  const before = beginning.lock;
  const lock = await resolveChange(kiln, container, beginning, change, task);
  const steps = difference(before.packages, lock.packages);
  const changes = describeDifference(before.packages, lock.packages);
  if (changes.length === 0) return { changes, lock: before };
  await fetchPackages(kiln, steps.install, task);
  await task.step("install", installTitle(steps), async (step) => {
    await installPackages(kiln, container, steps, { purpose: "build" }, step);
    if (change.kind === "change") await mark(kiln, container, before, steps, change);
    await verifyPackages(kiln, container, lock);
  });
  return { changes, lock };
}

/** Marks what came only with others, for apt's autoremove, and takes away configuration files where that was asked for. */
async function mark(
  kiln: Kiln,
  container: Container,
  before: Lock,
  { install, remove }: Difference,
  { words, purge }: AptChange,
): Promise<void> {
  const had = new Set(before.packages.map(identity));
  const asked = requestedNames(words);
  const automatic = install.filter((each) => !had.has(identity(each)) && !asked.has(each.name));
  await runAll(
    kiln,
    container,
    ["apt-mark", "auto"],
    automatic.map(({ name }) => name),
  );
  if (purge)
    await runAll(
      kiln,
      container,
      ["dpkg", "--purge"],
      remove.map(({ name }) => name),
    );
}

async function runAll(
  kiln: Kiln,
  container: Container,
  argv: readonly string[],
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const { exitCode } = await container.run([...argv, ...names], { signal: kiln.signal });
  if (exitCode === 0) return;
  throw new Failure(
    "infrastructure",
    "install-unfinished",
    `${argv.join(" ")} failed with exit code ${exitCode}`,
    {
      hint: "The environment is left as it was. Try again; --verbose shows what apt and dpkg say.",
    },
  );
}

function installTitle({ install, remove }: Difference): string {
  const parts = [
    ...(install.length === 0 ? [] : [`install ${install.length}`]),
    ...(remove.length === 0 ? [] : [`remove ${remove.length}`]),
  ];
  const text = parts.join(", ");
  const count = install.length + remove.length;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} ${count === 1 ? "package" : "packages"}`;
}

/** What to do with an environment whose packages were changed behind its lock's back. */
export function alteredHint(name: string): string {
  return `It was changed by hand. Shells and commands still run in it; to have a lock again, restore a snapshot or make it anew: debkiln env init --replace ${name}`;
}
