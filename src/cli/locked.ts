import { resolve } from "node:path";
import type { Task } from "../base/event.ts";
import { canonicalJson } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { BuildRequest } from "../build/request.ts";
import { openLockedSource } from "../build/locked-source.ts";
import type { SourceArgument } from "../build/source.ts";
import { identifySource } from "../build/source/identify.ts";
import type { LockedInput } from "../environment/bundle.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { LockFile } from "../environment/lock-file.ts";
import { bringBase } from "../environment/locked-base.ts";
import { downloadLocked } from "../environment/locked-download.ts";
import { type Provisions, type ProvisionsRecord, recordProvisions } from "../environment/provisions.ts";
import { type Target, checkTarget } from "../environment/target.ts";
import { limitsOf } from "./build-request.ts";
import { type HookFlags, lockedHooks } from "./hooks.ts";
import { provisionsOf } from "./provisions.ts";
import type { Session } from "./session.ts";
import { type TargetFlags, archiveFor, targetOf } from "./target.ts";

/** What the flags say of a build by a lock. */
export interface LockedFlags {
  readonly locked?: string | undefined;
  readonly offline?: boolean | undefined;
}

/** A kiln that finds what a lock names beside the lock, and asks no archive what there is. */
export async function lockedKiln(
  kiln: Kiln,
  session: Session,
  input: LockedInput,
  { offline = false, flags = {} }: { readonly offline?: boolean; readonly flags?: TargetFlags },
): Promise<Kiln> {
  const mirrors = offline ? [] : await mirrorsFor(session, input.lockFile, flags);
  // What a cache has is installed already: the lock's packages could not be compared with their checksums.
  const { remote: _, ...local } = kiln;
  return {
    ...local,
    nearby: (digest) => input.find(digest),
    download: downloadLocked({ download: kiln.download, offline, mirrors }),
    freshness: { ...kiln.freshness, frozen: true },
  };
}

/** Where the pool of the lock's suite is, by the flags, the settings, or this host's own sources. */
async function mirrorsFor(
  session: Session,
  { lock }: LockFile,
  flags: TargetFlags,
): Promise<readonly string[]> {
  const { suite: dist, architecture: arch } = lock;
  const target = targetOf({ ...flags, target: undefined, dist, arch }, session.settings, null);
  const { main } = await archiveFor(target);
  return [...new Set(main?.flatMap(({ uris }) => uris))];
}

/** The request of a build by a lock, with its base in the engine: nothing of it is the user's to choose any more. */
export async function lockedRequest(
  kiln: Kiln,
  session: Session,
  input: LockedInput,
  words: readonly string[],
  flags: HookFlags = {},
): Promise<BuildRequest> {
  const { settings, task } = session;
  const { lock, base, build } = input.lockFile;
  if (build === null) {
    throw new Failure("usage", "bad-lock", `${input.origin} is not the lock of a build`, {
      hint: "Make one with `debkiln lock SOURCE`.",
    });
  }
  await bringBase(kiln, input, task);
  const { provisions: recorded, named, ...asked } = build;
  const provisions = await provisionsOf(settings);
  warnOfOtherProvisions(task, recorded, provisions);
  if (named !== undefined)
    task.warn(
      `The lock's build was made in the named environment ${named.name}`,
      "The lock has its packages; what was changed in it by hand is not in the lock.",
    );
  return {
    source: await openLockedSource(kiln, input.lockFile, await sourceNamed(words), task),
    target: targetOfLock(input.lockFile),
    archive: { main: null, extra: [], key: null },
    locked: { lock, basePackages: base },
    ...asked,
    provisions,
    jobs: settings.jobs ?? (settings.cpus === undefined ? null : Math.ceil(settings.cpus)),
    limits: limitsOf(settings),
    diskBytes: settings.disk ?? null,
    trust: settings.trust ?? "unknown",
    deadlines: { totalMs: settings.timeout, silenceMs: settings.silence_timeout },
    hooks: lockedHooks(session, flags),
    keepFiles: settings.keep_files,
    output: resolve(settings.output),
    onFailure: null,
  };
}

/** A lock may come from anyone: what the container has of this machine, only who is here says. */
function warnOfOtherProvisions(
  task: Task,
  recorded: ProvisionsRecord | undefined,
  here: Provisions | undefined,
): void {
  const now = here === undefined ? undefined : recordProvisions(here);
  if (canonicalJson(recorded ?? null) === canonicalJson(now ?? null)) return;
  task.warn(
    "The lock's build had other files, mounts or devices beside its environment than this one",
    "`provisions` in the lock says which; bind_mounts, tmpfs, devices, files and hostname set them here.",
  );
}

function targetOfLock({ lock }: LockFile): Target {
  return checkTarget({ suite: lock.suite, architecture: lock.architecture });
}

async function sourceNamed(words: readonly string[]): Promise<SourceArgument | null> {
  const [word, second] = words;
  if (second !== undefined) {
    throw new Failure("usage", "bad-command-line", "A lock is of one source, and several are named", {
      hint: "Name one, or none to build the lock's own.",
    });
  }
  return word === undefined ? null : identifySource(word, process.cwd());
}

/** Shown where a lock does not fit: kept here so that both commands that take locks say it alike. */
export function noteLock(task: Task, { lockFile, origin }: LockedInput): void {
  const { lock, source } = lockFile;
  const what = source === null ? "" : ` of ${source.name} ${source.version}`;
  task.note(
    `${origin}: the lock${what} for ${lock.suite} ${lock.architecture}, ${lock.packages.length} packages`,
  );
}
