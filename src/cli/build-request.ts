import { resolve } from "node:path";
import { openSource } from "../build/open-source.ts";
import type { BuildRequest, FailedBuild, Wanted } from "../build/request.ts";
import { crossWords } from "../build/cross.ts";
import type { SourceArgument } from "../build/source.ts";
import { architecture } from "../debian/architecture.ts";
import type { Archive } from "../environment/archive.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { Target } from "../environment/target.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";
import { type TargetFlags, archiveFor, hostArchitecture, targetOf } from "./target.ts";

/** What the flags of a command that is about a build say of it. */
export interface RequestFlags extends TargetFlags {
  readonly "arch-all"?: boolean;
  readonly "arch-any"?: boolean;
  readonly source?: boolean;
  readonly host?: string | undefined;
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
  const placeFor = (distribution: string | null) => placeOf(flags, settings, distribution);
  const source = await openSource(kiln, named, () => placeFor(null), task);
  const { target, archive } = await placeFor(source.package.distribution);
  const host = hostOf(flags, target);
  const words = { profiles: settings.profiles, buildOptions: settings.build_options };
  return {
    source,
    target,
    archive,
    host,
    machine: hostArchitecture(),
    wanted: choice(source.layout),
    ...(host === undefined ? words : crossWords(words)),
    jobs: settings.jobs ?? (settings.cpus === undefined ? null : Math.ceil(settings.cpus)),
    limits: limitsOf(settings),
    diskBytes: settings.disk ?? null,
    deadlines: { totalMs: settings.timeout, silenceMs: settings.silence_timeout },
    output: resolve(settings.output),
    onFailure: null,
  };
}

/** For which architecture is cross-built, if it is. @throws Failure unknown-architecture (usage). */
function hostOf({ host }: RequestFlags, target: Target): string | undefined {
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

/** All binaries unless one kind is asked for. A tree gives its source package too; that of a .dsc is there already. */
export function binariesOf(flags: RequestFlags): Choice {
  const { "arch-all": isAll = false, "arch-any": isAny = false, source = false } = flags;
  const whole = isAll === isAny;
  return (layout) => ({
    any: whole || isAny,
    all: whole || isAll,
    source: source || (layout === "tree" && !isAll && !isAny),
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
}

/** What is done with a failed build's container before it ends, or null when nothing is. */
export function afterFailure(session: Session, flags: FailureFlags): BuildRequest["onFailure"] {
  if (!flags["shell-on-fail"] && !flags.keep) return null;
  return async (failed: FailedBuild) => {
    if (flags["shell-on-fail"]) await openShell(session, failed);
    if (flags.keep) session.task.note(`kept as image ${await failed.keep()}`);
  };
}

async function openShell(session: Session, failed: FailedBuild): Promise<void> {
  if (!process.stdin.isTTY) {
    session.task.warn("There is no terminal for --shell-on-fail", "Use --keep, and look into the image.");
    return;
  }
  using _ = session.suspend();
  process.stderr.write("The build failed; this is a shell in it. Leave it to end the build's container.\n");
  await failed.shell();
}
