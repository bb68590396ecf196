import { randomBytes } from "node:crypto";
import { chmod, constants, copyFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { ownedDirectory } from "../base/owned-directory.ts";
import { nullIfMissing } from "../base/system-error.ts";
import { diskFailure } from "../store/disk.ts";
import { stateDirectory } from "./settings.ts";

/** Where files lie that are on their way into a repository, on its file system. Disposing removes what is still there. */
export interface Incoming extends AsyncDisposable {
  /** Copies a file in; gives the copy's path. @throws Failure package-file-missing (usage), disk-full, not-writable. */
  take(file: string): Promise<string>;
}

/** Opens one, and removes those of processes that have died. */
export async function openIncoming(repository: string): Promise<Incoming> {
  const parent = join(repository, stateDirectory, "incoming");
  const directory = await makeDirectory(parent)
    .then(() => ownedDirectory(parent, ""))
    .catch((thrown: unknown) => {
      throw diskFailure(thrown, repository);
    });
  return {
    take: (file) => copyInto(directory.path, file),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** A copy, because whoever writes to the file later must not write into the repository; shared where the disk can do that. */
async function copyInto(directory: string, file: string): Promise<string> {
  const staged = join(directory, randomBytes(8).toString("hex"));
  const stats = await stat(file).catch(nullIfMissing);
  if (stats === null || !stats.isFile()) {
    throw new Failure("usage", "package-file-missing", `There is no file ${file}`, {
      hint: `Give .deb, .dsc or .changes files, or directories of results; ${basename(file)} is none of these here.`,
    });
  }
  try {
    await copyFile(file, staged, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await chmod(staged, 0o644);
  } catch (thrown) {
    throw diskFailure(thrown, directory);
  }
  return staged;
}
