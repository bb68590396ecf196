import { type Setting, settingAt } from "../base/config.ts";
import { suite } from "../debian/suite.ts";
import type { Archive } from "../environment/archive.ts";
import type { Target } from "../environment/target.ts";
import { cacheDirectory } from "./kiln.ts";
import type { Session } from "./session.ts";
import { archiveFor, targetOf } from "./target.ts";

/**
 * All that is in force once the levels are merged: the settings, and what follows from them and from this host for the target
 * that is built for when nothing else is said and for each of the user's own. Read as a file of settings, it says the same.
 * @throws Failure what `targetOf` and `archiveFor` raise (usage).
 */
export async function expandedSettings(
  session: Pick<Session, "config" | "settings" | "environment">,
): Promise<readonly Setting[]> {
  const { config, settings } = session;
  const name = settings.target ?? defaultTarget(session);
  const names = [...new Set([name, ...Object.keys(settings.targets)])];
  const targets = await Promise.all(names.map((each) => expandedTarget(session, each)));
  const derived = [
    settingAt(["target"], name, "built-in"),
    settingAt(["cache_dir"], cacheDirectory(session), "XDG_CACHE_HOME"),
    ...targets.flat(),
  ];
  const said = new Set(config.settings.map(({ key }) => key));
  const all = [...config.settings, ...derived.filter(({ key }) => !said.has(key))];
  return all.filter(({ key }) => key !== "targets").toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function defaultTarget({ settings }: Pick<Session, "settings">): string {
  const { suite: name, architecture } = targetOf({}, settings, null);
  return `debian-${suite(name, { custom: true }).name}-${architecture}`;
}

async function expandedTarget(
  { config, settings }: Pick<Session, "config" | "settings">,
  name: string,
): Promise<readonly Setting[]> {
  const origins = new Map(config.settings.map(({ key, origin }) => [key, origin]));
  const target = targetOf({ target: name }, settings, null);
  const { mirrors, ...said } = { ...target, mirrors: mirrorsOf(target, await archiveFor(target)) };
  return [
    ...Object.entries(said).map(([key, value]) =>
      settingAt(["targets", name, key], value, origins.get(key) ?? "built-in"),
    ),
    ...Object.entries(mirrors).map(([key, value]) =>
      settingAt(["targets", name, key], value, "this host's apt sources"),
    ),
  ];
}

/** Those of a target that names none itself; nothing when only the bootstrap tool knows them. */
function mirrorsOf(target: Target, { main }: Archive): Pick<Target, "mirror" | "security_mirror"> {
  if (target.snapshot !== undefined || target.mirror !== undefined) return {};
  const mirror = main?.find(({ suites }) => !isSecurity(suites))?.uris[0];
  const security = main?.find(({ suites }) => isSecurity(suites))?.uris[0];
  return {
    ...(mirror === undefined ? {} : { mirror }),
    ...(mirror === undefined || security === undefined ? {} : { security_mirror: security }),
  };
}

function isSecurity(suites: readonly string[]): boolean {
  return suites.some((name) => name.endsWith("-security"));
}
