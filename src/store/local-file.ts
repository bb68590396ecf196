import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Failure } from "../base/failure.ts";
import { isMissing } from "../base/system-error.ts";

/** Whether an address is of a file on this machine. */
export function isLocal(uri: string): boolean {
  return /^file:/i.test(uri);
}

/** The path behind a file: address, with one slash or three. @throws Failure bad-uri (usage). */
export function localPath(uri: string): string {
  try {
    return fileURLToPath(uri.replace(/^file:\/(?!\/)/i, "file:///"));
  } catch (cause) {
    throw new Failure("usage", "bad-uri", `${uri} is not the address of a file on this machine`, {
      hint: "Write file:/ and an absolute path, spaces in it as %20.",
      cause,
    });
  }
}

/** The bytes of a file by its address. @throws Failure bad-uri (usage), not-found, unreadable-file (infrastructure). */
export async function openLocal(uri: string): Promise<Readable> {
  const path = localPath(uri);
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if ((await file.stat()).isFile()) return file.createReadStream();
  await file.close();
  throw unreadable(path, new Error("it is not a regular file"));
}

function unreadable(path: string, cause: unknown): Failure {
  if (isMissing(cause)) {
    return new Failure("infrastructure", "not-found", `${path} is not there`, {
      hint: "Check the repository's path; `debkiln repo verify` tells what one of debkiln's lacks.",
      details: { path },
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure("infrastructure", "unreadable-file", `Cannot read ${path}: ${reason}`, {
    hint: "Make it readable for this user.",
    details: { path },
    cause,
  });
}
