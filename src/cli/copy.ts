import { lstat } from "node:fs/promises";
import { basename, join, posix, resolve } from "node:path";
import { counted } from "../base/counted.ts";
import { Failure } from "../base/failure.ts";
import { printableLine } from "../base/printable.ts";
import { formatSize } from "../base/size.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { builder } from "../environment/builder.ts";
import { copyIn } from "../environment/named/copy-in.ts";
import { copyOut } from "../environment/named/copy-out.ts";
import { visitNamed, visitToSave } from "../environment/named/enter.ts";
import { type EnvironmentName, formatName, parseEnvironmentName } from "../environment/named/name.ts";
import { withKiln } from "./kiln.ts";
import type { Session } from "./session.ts";

interface CopyFlags {
  readonly root: boolean;
  readonly force: boolean;
}

/** A path in a named environment. */
interface Inside {
  readonly at: EnvironmentName;
  readonly path: string;
}

const options = { network: "none", limits: {} } as const;

/** Copies into a named environment, or out of one. */
export async function copy(
  session: Session,
  { from, to }: { readonly from: string; readonly to: string },
  flags: CopyFlags,
): Promise<void> {
  const [source, destination] = [insideOf(from), insideOf(to)];
  if (source === null && destination !== null) return await goIn(session, from, destination, flags);
  if (source !== null && destination === null) return await comeOut(session, source, to, flags);
  throw new Failure(
    "usage",
    "bad-command-line",
    "One of the two must be a path in an environment, and one here",
    {
      hint: "Write NAME:PATH for the one in the environment.",
    },
  );
}

/** `NAME:PATH`; what begins with a dot or a slash is a path here. */
export function insideOf(word: string): Inside | null {
  const [, name, path = ""] = /^([^./:][^/:]*):(.*)$/s.exec(word) ?? [];
  if (name === undefined) return null;
  const at = parseEnvironmentName(name);
  if (path.startsWith("/") && !path.includes("\0") && !path.includes("\n")) return { at, path };
  throw new Failure("usage", "bad-command-line", `"${printableLine(path)}" is no path in ${formatName(at)}`, {
    hint: "Begin it with a slash; write ./NAME:PATH for a file of this machine.",
  });
}

async function goIn(
  session: Session,
  from: string,
  { at, path }: Inside,
  { root }: CopyFlags,
): Promise<void> {
  const here = resolve(from);
  const owner = root ? { uid: 0, gid: 0 } : { uid: builder.uid, gid: builder.gid };
  await withKiln(session, async (kiln) => {
    await using visit = await visitToSave(kiln, at, options, session.task);
    await session.task.step("copy", `Copy to ${at.name}`, () =>
      copyIn(visit.container, { path: here, name: basename(here) }, path, owner, session.signal),
    );
    await visit.save(`cp ${basename(here)} ${path}`);
    session.result(`${from} is in ${formatName(at)}:${path}\n`, { from: here, name: at.name, path });
  });
}

async function comeOut(
  session: Session,
  { at, path }: Inside,
  to: string,
  { force }: CopyFlags,
): Promise<void> {
  const destination = await placeHere(resolve(to), nameOf({ at, path }), force);
  await withKiln(session, async (kiln) => {
    await using visit = await visitNamed(kiln, at, options, session.task);
    const copied = await session.task.step("copy", `Copy from ${formatName(at)}`, (task) =>
      copyOut(visit.container, path, destination, { replace: force, task, signal: session.signal }),
    );
    for (const each of copied.skipped) session.task.warn(`Left out: ${each}`);
    const what = `${counted(copied.files, "file")}, ${formatSize(copied.bytes)}`;
    session.result(`${destination}: ${what}\n`, { destination, ...copied });
  });
}

/** What a copy of it is called here: the last word of its path, whatever dots follow; of the root the environment's name. */
export function nameOf({ at, path }: Inside): string {
  return posix.basename(posix.normalize(path)) || at.name;
}

/**
 * Into a directory that is there, else under the new name.
 * @throws Failure output-occupied (usage): also, with --force, for a directory that this process is in.
 */
async function placeHere(path: string, name: string, force: boolean): Promise<string> {
  const status = await lstat(path).catch(nullIfMissing);
  const destination = status?.isDirectory() === true ? join(path, name) : path;
  const there = destination === path ? status : await lstat(destination).catch(nullIfMissing);
  if (there === null) return destination;
  const isAround = `${process.cwd()}/`.startsWith(destination === "/" ? "/" : `${destination}/`);
  if (force && !isAround) return destination;
  throw new Failure("usage", "output-occupied", `${printableLine(destination)} is there already`, {
    hint: isAround
      ? "Name another place: this one is around you."
      : "Replace it with --force, or name another place.",
  });
}
