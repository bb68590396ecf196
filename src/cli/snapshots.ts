import { checkName, checkSnapshotName, formatName } from "../environment/named/name.ts";
import {
  createSnapshot,
  listSnapshots,
  removeSnapshot,
  restoreSnapshot,
} from "../environment/named/snapshots.ts";
import { withKiln } from "./kiln.ts";
import { snapshotsText } from "./render/named.ts";
import type { Session } from "./session.ts";

/** Takes a snapshot; without a name for it, it is called by the time. */
export async function takeSnapshot(session: Session, name: string, word: string | undefined): Promise<void> {
  const at = { name: checkName(name), snapshot: checkSnapshotName(word ?? timeWord(new Date())) };
  await withKiln(session, async (kiln) => {
    await createSnapshot(kiln, at.name, at.snapshot, session.task);
    session.result(`${formatName(at)} is ${at.name} as it is now\n`, at);
  });
}

export async function goBack(session: Session, name: string, word: string): Promise<void> {
  const at = { name: checkName(name), snapshot: checkSnapshotName(word) };
  await withKiln(session, async (kiln) => {
    await restoreSnapshot(kiln, at.name, at.snapshot, session.task);
    session.result(`${at.name} is as it was at ${at.snapshot}\n`, at);
  });
}

export async function showSnapshots(session: Session, name: string | undefined): Promise<void> {
  const only = name === undefined ? null : checkName(name);
  await withKiln(session, async (kiln) => {
    const found = await listSnapshots(kiln, only);
    const records = found.map(({ at, image }) => ({ ...at, image: image.id, created: image.created }));
    session.result(snapshotsText(found, new Date()), records);
  });
}

export async function dropSnapshots(session: Session, name: string, words: readonly string[]): Promise<void> {
  const at = checkName(name);
  const snapshots = words.map(checkSnapshotName);
  await withKiln(session, async (kiln) => {
    for (const snapshot of snapshots) await removeSnapshot(kiln, at, snapshot, session.task);
    session.result(snapshots.map((each) => `removed ${at}@${each}\n`).join(""), {
      name: at,
      removed: snapshots,
    });
  });
}

/** 20261121T124355Z, as snapshot services write times. */
function timeWord(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}
