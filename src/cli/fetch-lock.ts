import { basename, join, dirname, resolve } from "node:path";
import { openLockedInput } from "../environment/bundle.ts";
import { fetchLocked } from "../environment/fetch-locked.ts";
import { withKiln } from "./kiln.ts";
import { lockedKiln, noteLock } from "./locked.ts";
import { fetchedText } from "./render/lock.ts";
import type { Session } from "./session.ts";
import type { TargetFlags } from "./target.ts";

/** Brings everything that a lock names to one place. */
export async function fetchNamedLock(
  session: Session,
  word: string,
  flags: TargetFlags & { readonly output?: string | undefined },
): Promise<void> {
  const input = await openLockedInput(resolve(word));
  noteLock(session.task, input);
  const path = resolve(flags.output ?? defaultOutput(word));
  await withKiln(session, async (kiln) => {
    const locked = await lockedKiln(kiln, session, input, { flags });
    const fetched = await fetchLocked(locked, input, path, session.task);
    session.result(fetchedText(fetched, input.lockFile), fetched);
  });
}

/** `lock.json` gives `lock.fetched` beside it. */
function defaultOutput(word: string): string {
  const path = resolve(word);
  return join(dirname(path), `${basename(path).replace(/\.(?:json|tar)$/, "")}.fetched`);
}
