import { createReadStream } from "node:fs";
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeDirectory } from "../base/make-directory.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { lockSource } from "../build/lock-source.ts";
import type { OpenedSource, SourceArgument } from "../build/source.ts";
import type { Kiln } from "../environment/kiln.ts";
import { formatLockFile, parseLockFile } from "../environment/lock-file.ts";
import { Failure } from "../base/failure.ts";
import { diskFailure } from "../store/disk.ts";
import { type RequestFlags, binariesOf, buildRequest } from "./build-request.ts";
import { identifyNamedSource } from "./identify-sources.ts";
import { withKiln } from "./kiln.ts";
import { lockText } from "./render/lock.ts";
import type { Session } from "./session.ts";

/** Writes the lock of what a build of that source would be made of, and shows what is in it. */
export async function lockNamedSource(
  session: Session,
  word: string,
  flags: RequestFlags,
  file: string,
): Promise<void> {
  const named = await identifyNamedSource(word, flags, session.settings);
  const path = resolve(file);
  await requireReplaceableLock(path);
  await withKiln(session, async (kiln) => {
    const request = await buildRequest(kiln, session, named, flags, binariesOf(flags));
    const lockFile = await lockSource(kiln, request, session.task);
    await keepSource(kiln, named, request.source);
    await writeAside(path, formatLockFile(lockFile));
    session.result(lockText(path, lockFile), { path, ...lockFile });
  });
}

/** A source that has no address is kept, so that `debkiln fetch` finds it. */
async function keepSource(kiln: Kiln, named: SourceArgument, { files }: OpenedSource): Promise<void> {
  if (named.kind !== "dsc") return;
  for (const { name, sha256, sizeBytes } of files) {
    if (await kiln.store.hasBlob(sha256, sizeBytes)) continue;
    const file = join(dirname(named.path), name);
    await kiln.store.putBlob(createReadStream(file), { digest: sha256, sizeBytes }, file);
  }
}

/** What is there is replaced only if it is a lock. @throws Failure output-occupied (usage). */
export async function requireReplaceableLock(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) return;
  try {
    parseLockFile(text, path);
  } catch (cause) {
    throw new Failure("usage", "output-occupied", `${path} is there and is no lock`, {
      hint: "Name another file with --output.",
      cause,
    });
  }
}

/** Writes a text so that it appears under its name as a whole. @throws Failure not-writable, disk-full (infrastructure). */
export async function writeAside(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await makeDirectory(dirname(path));
    await writeFile(aside, text, { flag: "wx" });
    await rename(aside, path);
  } catch (thrown) {
    await rm(aside, { force: true });
    throw diskFailure(thrown, path);
  }
}
