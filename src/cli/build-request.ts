import { resolve } from "node:path";
import { hexOf } from "../base/digest.ts";
import { openSource } from "../build/open-source.ts";
import type { BuildRequest, FailedBuild, Wanted } from "../build/request.ts";
import { type BuildWords, crossWords, withoutTests } from "../build/cross.ts";
import { uncommittedChanges } from "../build/source/uncommitted.ts";
import type { SourceArgument } from "../build/source.ts";
import { usualTrust } from "../build/trust.ts";
import { architecture } from "../debian/architecture.ts";
import type { Archive } from "../environment/archive.ts";
import { keyInReference } from "../environment/names.ts";
import { extraPackages } from "../repository/extra-packages.ts";
import type { Kiln } from "../environment/kiln.ts";
import { type NamedEnvironment, requireNamed } from "../environment/named/find.ts";
import { parseEnvironmentName } from "../environment/named/name.ts";
import type { Target } from "../environment/target.ts";
import { type HookFlags, planHooks } from "./hooks.ts";
import { type SourceFlags, policyOf, withReference } from "./source-flags.ts";
import { provisionsOf } from "./provisions.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { type TargetFlags, archiveFor, hostArchitecture, targetOf } from "./target.ts";
import { type ChoosingFlags, type VariationFlags, addedOf, choosingOf, variationOf } from "./variation.ts";

/** What the flags of a command that is about a build say of it. */
export interface RequestFlags extends TargetFlags, VariationFlags, ChoosingFlags, SourceFlags, HookFlags {
  readonly "arch-all"?: boolean;
  readonly "arch-any"?: boolean;
  readonly source?: boolean;
  readonly host?: string | undefined;
  readonly env?: string | undefined;
}

/** Which of a source's packages are wanted, once it is known whether it is a tree or a .dsc. */
export type Choice = (layout: "tree" | "dsc") => Wanted;

/** Brings the source that the user named here, and makes of flags and settings the whole request of its build. */
export async function buildRequest(
  kiln: Kiln,
  session: Session,
  named: SourceArgument,
  flags: RequestFlags,
  choice: Choice,
): Promise<BuildRequest> {
  const { settings, task } = session;
  const environment =
    flags.env === undefined ? undefined : await requireNamed(kiln, parseEnvironmentName(flags.env));
  const placeFor = (distribution: string | null) =>
    environment === undefined ? placeOf(flags, settings, distribution) : placeIn(environment);
  if (named.kind === "tree" && flags.dirty !== true && flags["git-ref"] === undefined)
    await warnOfChanges(named.directory, session);
  const source = await openSource(kiln, withReference(named, flags), {
    place: placeFor,
    policy: policyOf(settings, flags),
    originals: choice("tree").source || flags["source-only-changes"] === true ? "wanted" : "unwanted",
    task,
  });
  const { target, archive } = await placeFor(source.package.distribution);
  const host = hostOf(flags, target);
  const architectures = [target.architecture, ...(host === undefined ? [] : [host])];
  const extra = await extraPackages(kiln, flags["extra-package"] ?? [], architectures);
  const wanted = choice(source.layout);
  const usual = settings.add_depends[source.package.name];
  if (usual !== undefined) task.note(`with further build dependencies, by the settings: ${usual}`);
  const sourceChanges = flags["source-only-changes"] ?? false;
  return {
    source,
    target,
    archive: extra === null ? archive : { ...archive, extra: [...archive.extra, extra] },
    host,
    machine: hostArchitecture(),
    wanted: sourceChanges ? { ...wanted, source: true } : wanted,
    variation: variationOf(flags, session.environment, {
      now: Math.floor(Date.now() / 1000),
      variables: settings.variables,
    }),
    named: environment,
    provisions: await provisionsOf(settings),
    added: addedOf(flags, usual),
    choosing: choosingOf(flags),
    sourceChanges,
    ...wordsOf(flags, settings, host),
    jobs: settings.jobs ?? (settings.cpus === undefined ? null : Math.ceil(settings.cpus)),
    limits: limitsOf(settings),
    diskBytes: settings.disk ?? null,
    trust: settings.trust ?? usualTrust(named),
    deadlines: { totalMs: settings.timeout, silenceMs: settings.silence_timeout },
    hooks: planHooks(settings, flags),
    keepFiles: settings.keep_files,
    output: resolve(settings.output),
    onFailure: null,
  };
}

/** A tree is built as it lies there, which need not be what was committed. */
async function warnOfChanges(tree: string, { task, signal }: Session): Promise<void> {
  const changes = await uncommittedChanges(tree, { signal });
  if (changes.length === 0) return;
  const first = changes.slice(0, 3).map((line) => line.trim());
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : "";
  task.warn(
    `The tree has uncommitted changes, which are built too: ${first.join(", ")}${more}`,
    "--dirty says that this is meant; --git-ref HEAD builds what is committed.",
  );
}

/** The profiles and options of a build, perhaps a cross build for `host`. */
export function wordsOf(
  flags: Pick<VariationFlags, "no-check">,
  { profiles, build_options: buildOptions }: Settings,
  host: string | undefined,
): BuildWords {
  const asked = { profiles, buildOptions };
  const words = flags["no-check"] === true ? withoutTests(asked) : asked;
  return host === undefined ? words : crossWords(words);
}

/** For which architecture is cross-built, if it is. @throws Failure unknown-architecture (usage). */
export function hostOf({ host }: Pick<RequestFlags, "host">, target: Target): string | undefined {
  if (host === undefined || architecture(host).name === target.architecture) return undefined;
  return host;
}

/** The target of a source with that distribution in its changelog (null: none is known), and its archive. */
export async function placeOf(
  flags: TargetFlags,
  settings: Settings,
  distribution: string | null,
): Promise<{ readonly target: Target; readonly archive: Archive }> {
  const target = targetOf(flags, settings, distribution);
  return { target, archive: await archiveFor(target) };
}

/** A named environment's own target. */
async function placeIn({ record: { target } }: NamedEnvironment) {
  return { target, archive: await archiveFor(target) };
}

/** All binaries unless one kind is left out. A tree then gives its source package too; that of a .dsc is there already. */
export function binariesOf(flags: RequestFlags): Choice {
  const { "arch-all": isAll = true, "arch-any": isAny = true, source } = flags;
  return (layout) => ({
    any: isAny,
    all: isAll,
    source: source ?? (layout === "tree" && isAny && isAll),
  });
}

/** The source package and nothing else. */
export const sourceOnly: Choice = () => ({ any: false, all: false, source: true });

/** What the settings bound of a build. */
export function limitsOf({ memory, cpus, pids }: Settings) {
  return {
    ...(pids === undefined ? {} : { pids }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}

export interface FailureFlags {
  readonly "shell-on-fail": boolean;
  readonly keep: boolean;
  readonly purge?: "always" | "successful" | "never" | undefined;
}

/** What is done with a failed build's container before it ends, or null when nothing is. */
export function afterFailure(session: Session, flags: FailureFlags): BuildRequest["onFailure"] {
  const isKept = flags.keep || flags.purge === "successful" || flags.purge === "never";
  if (!flags["shell-on-fail"] && !isKept) return null;
  return async (failed: FailedBuild) => {
    if (flags["shell-on-fail"]) await openShell(session, failed);
    if (isKept) session.task.note(keptText(await failed.keep()));
  };
}

/** What is done with a successful build's container before it ends. */
export function afterSuccess(session: Session, { purge }: FailureFlags): BuildRequest["onFailure"] {
  if (purge !== "never") return null;
  return async (built) => session.task.note(keptText(await built.keep()));
}

/** What was kept, and how to get in. */
function keptText(reference: string): string {
  const key = keyInReference("failed", reference);
  const word = key === null ? reference : hexOf(key).slice(0, 12);
  return `kept as image ${reference} (look inside: debkiln shell --failed ${word})`;
}

async function openShell(session: Session, failed: FailedBuild): Promise<void> {
  if (!process.stdin.isTTY) {
    session.task.warn(
      "There is no terminal for --shell-on-fail",
      "Use --keep, then debkiln shell --failed BUILD.",
    );
    return;
  }
  using _ = session.suspend();
  process.stderr.write("The build failed; this is a shell in it. Leave it to end the build's container.\n");
  await failed.shell();
}
