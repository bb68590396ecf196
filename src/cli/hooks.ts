import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { type Hook, changesOf } from "../build/hook/hook.ts";
import { type HookPoint, hookPointNames, hookPoints, sbuildPoint } from "../build/hook/point.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";

/** What the flags say of hooks. */
export interface HookFlags {
  readonly hook?: readonly string[] | undefined;
  readonly "host-hook"?: readonly string[] | undefined;
}

/**
 * The hooks of settings, in the order of their names, then those of flags in theirs. Where nothing says that a hook is for the
 * host it runs in the container, and at points where there is none not at all.
 * @throws Failure bad-hook (usage).
 */
export function planHooks(settings: Pick<Settings, "hooks">, flags: HookFlags): readonly Hook[] {
  const set = Object.entries(settings.hooks)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { host = false, user, timeout = defaultTimeoutMs, ...hook }]) =>
      checked(
        { name, ...hook, place: host ? "host" : "container", user, timeoutMs: timeout },
        { origin: `hooks.${name}`, forHost: "host = true" },
      ),
    );
  return [
    ...set,
    ...given(flags.hook, "container", "hook"),
    ...given(flags["host-hook"], "host", "host-hook"),
  ];
}

function given(words: readonly string[] | undefined, place: Hook["place"], flag: string): Hook[] {
  return (words ?? []).map((word, index) =>
    checked(
      {
        name: `given-${place === "host" ? "host-" : ""}${index + 1}`,
        ...parted(word, flag),
        place,
        timeoutMs: defaultTimeoutMs,
      },
      { origin: `--${flag}`, forHost: "--host-hook" },
    ),
  );
}

const defaultTimeoutMs = 10 * 60_000;

/** A build by a lock gives what the lock says: it has no hooks that could change that, and says so. */
export function lockedHooks({ settings, task }: Session, flags: HookFlags): readonly Hook[] {
  const hooks = planHooks(settings, flags);
  const changing = hooks.filter((hook) => changesOf([hook]).length > 0);
  if (changing.length > 0) {
    task.warn(
      `Hooks are left out that can change what a build by a lock gives: ${changing.map(({ name }) => name).join(", ")}`,
      "Hooks at build-failed, cleanup, post-build and failed are run.",
    );
  }
  return hooks.filter((hook) => !changing.includes(hook));
}

interface Wanted extends Omit<Hook, "user"> {
  readonly user?: Hook["user"] | undefined;
}

function checked(
  { user, ...hook }: Wanted,
  { origin, forHost }: { readonly origin: string; readonly forHost: string },
): Hook {
  const facts = hookPoints[hook.point];
  if (hook.place === "container" && !facts.container) {
    throw badHook(
      `${origin}: there is no container at ${hook.point}`,
      `Say ${forHost} if the command shall run on this machine, as you.`,
    );
  }
  if (hook.place === "host" && user !== undefined) {
    throw badHook(`${origin}: on the host, a hook runs as you`, 'Leave out "user".');
  }
  return { ...hook, user: user ?? facts.user };
}

function parted(word: string, flag: string): Pick<Hook, "point" | "command"> {
  const [, written = "", command = ""] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (command.trim() === "")
    throw badHook(
      `--${flag} takes a point and a command, not ${JSON.stringify(word)}`,
      `Write --${flag} 'setup=COMMAND'; the points are ${hookPointNames.join(", ")}.`,
    );
  return { point: pointOf(written, flag), command };
}

function pointOf(written: string, flag: string): HookPoint {
  const point = hookPointNames.find((name) => name === written);
  if (point !== undefined) return point;
  const stem = written.replace(/-commands$/, "");
  const meant =
    hookPointNames.find((name) => name === stem) ?? sbuildPoint(stem) ?? nearest(stem, hookPointNames);
  throw badHook(
    `--${flag}: there is no point ${JSON.stringify(written)}`,
    meant === null ? `The points are ${hookPointNames.join(", ")}.` : `Did you mean ${meant}?`,
  );
}

function badHook(message: string, hint: string): Failure {
  return new Failure("usage", "bad-hook", message, { hint });
}
