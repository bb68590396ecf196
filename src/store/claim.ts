import { randomBytes } from "node:crypto";
import { link, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirectory } from "../base/make-directory.ts";
import { lifeOf, thisProcess } from "../base/process-identity.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import { diskFailure } from "./disk.ts";

const heartbeatMs = 5000;
/** How long a claim stands without a heartbeat when nothing can be known of its owner. */
const silenceMs = 60_000;

/**
 * The right to make something, until it is disposed of or its process dies. Its file's time is renewed while it is held, so
 * that processes of other hosts and pid namespaces, which cannot see this one, can tell that it still lives.
 */
export class Claim implements AsyncDisposable {
  private readonly path: string;
  private readonly content: string;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(path: string, content: string) {
    this.path = path;
    this.content = content;
    this.heartbeat = setInterval(() => void touch(path), heartbeatMs).unref();
  }

  /** Removes the claim's file, unless it has become another's. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.heartbeat);
    const content = await readFile(this.path, "utf8").catch(nullIfMissing);
    if (content === this.content) await rm(this.path, { force: true });
  }
}

/** Puts up a claim, complete at once by link(2), in place of one that is void; null when another stands there. */
export async function takeClaim(path: string): Promise<Claim | null> {
  const content = `${thisProcess()}/${randomBytes(8).toString("hex")}`;
  const written = await writeBeside(path, content);
  try {
    // The file system's own clock, which all who share it go by.
    const { mtimeMs: now } = await stat(written);
    for (;;) {
      if (await isLinked(written, path)) return new Claim(path, content);
      if (!(await isVoid(path, now))) return null;
      await rm(path, { force: true });
    }
  } finally {
    await rm(written, { force: true });
  }
}

/** Whether a claim's owner is known to be dead, or has given no sign for long. A claim that is gone is void. */
export async function isVoid(path: string, now: number): Promise<boolean> {
  const owner = await readFile(path, "utf8").catch(nullIfMissing);
  const status = await stat(path).catch(nullIfMissing);
  if (owner === null || status === null) return true;
  const life = lifeOf(owner);
  return life === "dead" || (life === "unknown" && now - status.mtimeMs > silenceMs);
}

/** A heartbeat that fails is as none: at worst another makes the same. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function isLinked(from: string, to: string): Promise<boolean> {
  return await link(from, to).then(
    () => true,
    (thrown: unknown) => {
      if (errorCode(thrown) === "EEXIST") return false;
      throw diskFailure(thrown, dirname(to));
    },
  );
}

async function writeBeside(claim: string, content: string): Promise<string> {
  const path = `${claim}.${randomBytes(8).toString("hex")}`;
  try {
    await makeDirectory(dirname(claim));
    await writeFile(path, content, { flag: "wx" });
    return path;
  } catch (thrown) {
    await rm(path, { force: true });
    throw diskFailure(thrown, dirname(claim));
  }
}
