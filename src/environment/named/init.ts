import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { archiveOf, hostRepositories } from "../archive.ts";
import { type BaseOutcome, ensureBase } from "../base.ts";
import { buildRecipe } from "../base-recipe.ts";
import type { Kiln } from "../kiln.ts";
import type { Lock } from "../lock.ts";
import { imageReference } from "../names.ts";
import { type Target, targetName } from "../target.ts";
import { applyChange } from "./change.ts";
import type { Beginning, PackageChange } from "./resolve-change.ts";
import { handSpec } from "./container.ts";
import { findNamed } from "./find.ts";
import { namedReference } from "./name.ts";
import { type NamedRecord, namedSchemaVersion } from "./record.ts";
import { claimName, removeUnnamed, saveNamed } from "./save.ts";

/** A named environment to be made. */
export interface NewEnvironment {
  readonly name: string;
  readonly target: Target;
  /** What it has beyond its beginning. */
  readonly change: PackageChange | null;
  /** In words, for its history. */
  readonly said: string;
  /** Whether one of the same name makes way, whose snapshots stay. */
  readonly replace: boolean;
}

/**
 * Makes a named environment on its target's base. @throws Failure environment-exists (usage), and what making bases and
 * installing packages raise; there is then no environment of that name, or still the old one.
 */
export async function initNamed(kiln: Kiln, wanted: NewEnvironment, task: Task): Promise<Lock> {
  await using _ = await claimName(kiln, wanted.name, task);
  await requireFree(kiln, wanted);
  const { target } = wanted;
  const based = await readyBase(kiln, target, task);
  const lock = lockOfBase(target, based);
  const image = await kiln.engine.image(imageReference("base", based.base.digest));
  if (image === null) throw baseGone(target);
  return await makeNamed(
    kiln,
    wanted,
    { name: wanted.name, image, lock, record: firstRecord(target, wanted.said) },
    task,
  );
}

/** Makes a named environment of an image that is what its lock says. @throws Failure environment-exists (usage). */
export async function initFromImage(
  kiln: Kiln,
  wanted: Pick<NewEnvironment, "name" | "replace">,
  beginning: Beginning,
  task: Task,
): Promise<void> {
  await using _ = await claimName(kiln, wanted.name, task);
  await requireFree(kiln, wanted);
  await makeNamed(kiln, { name: wanted.name, change: null }, beginning, task);
}

/** Makes a target's base current. */
export async function readyBase(kiln: Kiln, target: Target, task: Task): Promise<BaseOutcome> {
  const archive = await archiveOf(target, await hostRepositories());
  return await ensureBase(kiln, { target, archive, recipe: buildRecipe }, task);
}

/** @throws Failure environment-exists (usage), unless the one that is there is to make way. */
async function requireFree(
  kiln: Kiln,
  { name, replace }: Pick<NewEnvironment, "name" | "replace">,
): Promise<void> {
  if (replace || (await findNamed(kiln, { name, snapshot: null })) === null) return;
  throw new Failure("usage", "environment-exists", `There is an environment ${name} already`, {
    hint: `Make it anew with --replace, bring it up to date with \`debkiln env update ${name}\`, or choose another name.`,
  });
}

/** Makes the environment of its beginning and what is wanted beyond that. */
async function makeNamed(
  kiln: Kiln,
  { name, change }: Pick<NewEnvironment, "name" | "change">,
  beginning: Beginning,
  task: Task,
): Promise<Lock> {
  await using container = await kiln.engine.create(handSpec(kiln, beginning.image, { network: "none" }));
  const { lock } = change === null ? beginning : await applyChange(kiln, container, beginning, change, task);
  const before = await kiln.engine.image(namedReference({ name, snapshot: null }));
  const { record } = beginning;
  await task.step("commit", `Keep ${name}`, () =>
    saveNamed(kiln, container, { from: beginning.image, name, lock, record }),
  );
  if (before !== null) kiln.background.add(removeUnnamed(kiln, before), () => undefined);
  return lock;
}

/** What an environment says of itself that has just been made. */
export function firstRecord(target: Target, said: string): NamedRecord {
  return { schemaVersion: namedSchemaVersion, target, parent: null, changes: [said], altered: false };
}

function lockOfBase({ suite, architecture }: Target, { base, releases }: BaseOutcome): Lock {
  const { digest, packages } = base;
  return { schemaVersion: 1, suite, architecture, base: digest, packages, releases: [...releases] };
}

function baseGone(target: Target): Failure {
  return new Failure(
    "infrastructure",
    "image-missing",
    `The base of ${targetName(target)} was removed meanwhile`,
    {
      hint: "Try again: it is made anew.",
    },
  );
}
