import { createWriteStream } from "node:fs";
import { lstat, mkdir, rename, rm, statfs, symlink } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { piped } from "../../base/piped.ts";
import { printableLine } from "../../base/printable.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import { formatSize } from "../../base/size.ts";
import type { Container } from "../../engine/engine.ts";
import { type TarMember, readTar } from "../../oci/tar-reader.ts";
import { diskFailure } from "../../store/disk.ts";
import { Head } from "../head.ts";
import { type CopiedEntry, planCopiedEntry, requireNothingBeneath } from "./copied-entry.ts";

/** What was copied. */
export interface CopiedOut {
  readonly files: number;
  readonly bytes: number;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

/**
 * Copies a file or directory out of a container to a path where nothing is yet, unless that is to be replaced. What comes is the container's word: only files,
 * directories, and links that stay within what is copied are taken, with this user as their owner and no special bits. The
 * result appears whole or not at all.
 * @throws Failure path-not-inside (usage), copy-refused, disk-full, output-unwritable (infrastructure).
 */
export async function copyOut(
  container: Container,
  path: string,
  destination: string,
  { replace, task, signal }: { readonly replace: boolean; readonly task: Task; readonly signal: AbortSignal },
): Promise<CopiedOut> {
  const aside = join(
    dirname(destination),
    `.partial-${basename(destination)}-${randomBytes(6).toString("hex")}`,
  );
  try {
    await mkdir(aside, { mode: 0o700 });
    const copied = await receive(container, path, aside, task, signal);
    const fresh = join(aside, "it");
    if ((await lstat(fresh).catch(nullIfMissing)) === null)
      throw refused(copied.skipped[0] ?? "the environment sent nothing");
    if (replace) await exchange(fresh, destination, join(aside, "old"));
    else await rename(fresh, destination);
    return copied;
  } catch (thrown) {
    throw diskFailure(thrown, dirname(destination));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Puts the new thing where the old one is, which goes only then. */
async function exchange(fresh: string, destination: string, old: string): Promise<void> {
  const had = await rename(destination, old).then(() => true, nullIfMissing);
  try {
    await rename(fresh, destination);
  } catch (thrown) {
    if (had !== null) await rename(old, destination);
    throw thrown;
  }
}

/** The container's tar packs the one thing under the name "it". */
async function receive(
  container: Container,
  path: string,
  aside: string,
  task: Task,
  signal: AbortSignal,
): Promise<CopiedOut> {
  const send = async (stdout: Writable) => {
    const stderr = new Head(longestWords);
    const { exitCode } = await container.run(["sh", "-c", pack, "sh", path], { stdout, stderr, signal });
    if (exitCode === notThere) throw pathMissing(path);
    if (exitCode !== 0) throw refused(`tar in the environment failed: ${printableLine(stderr.text)}`);
  };
  return await piped(send, (tar) => unpack(tar, aside, task));
}

const notThere = 44;
/** Of what tar says when it fails. */
const longestWords = 64 * 1024;

/** A link that is named itself is followed; the thing's own name is replaced, for it may be anything. */
const pack = `real=$(realpath -e -- "$1" 2>/dev/null) || exit ${notThere}
if [ -d "$real" ]; then exec tar -C "$real" --one-file-system --transform 's,^[.],it,SH' -cf - . ; fi
mkdir -p /tmp/.debkiln-out && ln -sfn -- "$real" /tmp/.debkiln-out/it && exec tar -C /tmp/.debkiln-out -hcf - it`;

async function unpack(tar: Readable, aside: string, task: Task): Promise<CopiedOut> {
  const links: (CopiedEntry & { readonly kind: "symlink" })[] = [];
  const skipped: string[] = [];
  let files = 0;
  let bytes = 0;
  for await (const member of readTar(tar)) {
    const entry = planCopiedEntry(member.header);
    if (entry.kind === "skip") skipped.push(`${entry.path}: ${entry.why}`);
    else if (entry.kind === "symlink") links.push(entry);
    else if (entry.kind === "directory") await mkdir(join(aside, entry.path), { mode: entry.mode | 0o700 });
    else {
      await requireSpace(aside, member.header.size);
      await writeMember(join(aside, entry.path), entry.mode, member);
      files++;
      bytes += member.header.size;
      task.progress(bytes, null, "bytes");
    }
  }
  requireNothingBeneath(links);
  // Last, so that nothing is ever written through one.
  for (const { path, target } of links) await symlink(target, join(aside, path));
  return { files, bytes, skipped };
}

/** A file of holes takes no space in the environment, and all that it says here. @throws Failure disk-full (infrastructure). */
async function requireSpace(directory: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (size < bavail * bsize) return;
  throw new Failure("infrastructure", "disk-full", `There is no space for a file of ${formatSize(size)}`, {
    hint: "Free some space, or leave that file out.",
  });
}

async function writeMember(path: string, mode: number, { content }: TarMember): Promise<void> {
  await pipeline(content, createWriteStream(path, { flags: "wx", mode }));
}

function pathMissing(path: string): Failure {
  return new Failure("usage", "path-not-inside", `The environment has no ${printableLine(path)}`, {
    hint: "Look around in it: debkiln shell --env NAME",
  });
}

function refused(why: string): Failure {
  return new Failure("infrastructure", "copy-refused", `Nothing was copied: ${why}`, {
    hint: "What the environment sent is not what a copy consists of. Look into it: debkiln shell --env NAME",
  });
}
