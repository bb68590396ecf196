import { resolve } from "node:path";
import { buildinfoOfLock } from "../build/buildinfo-of-lock.ts";
import { openLockedInput } from "../environment/bundle.ts";
import { formatLockFile } from "../environment/lock-file.ts";
import { withKiln } from "./kiln.ts";
import { requireReplaceableLock, writeAside } from "./lock-source.ts";
import { type RebuildFlags, lockFromBuildinfo, readBuildinfo } from "./rebuild.ts";
import { lockText } from "./render/lock.ts";
import type { Session } from "./session.ts";

/** Makes a lock of a .buildinfo, or a .buildinfo of a lock, by the ending of what is to be written. */
export async function convertLock(
  session: Session,
  from: string,
  flags: RebuildFlags,
  file: string,
): Promise<void> {
  const path = resolve(file);
  if (path.endsWith(".buildinfo")) {
    const { lockFile } = await openLockedInput(resolve(from));
    await writeAside(path, buildinfoOfLock(lockFile));
    session.result(lockText(path, lockFile), { path, ...lockFile });
    return;
  }
  await requireReplaceableLock(path);
  const read = await readBuildinfo(resolve(from));
  await withKiln(session, async (kiln) => {
    const lockFile = await lockFromBuildinfo(kiln, session, read, flags);
    await writeAside(path, formatLockFile(lockFile));
    session.result(lockText(path, lockFile), { path, ...lockFile });
  });
}
