import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf, hexOf, keyOf } from "../base/digest.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { errorCode } from "../base/system-error.ts";
import { formatDeb822 } from "../debian/deb822.ts";
import type { Repository } from "../debian/repository.ts";
import { armoredPublicKey, clearSigned, fingerprintOf } from "../openpgp/ed25519.ts";
import type { Keyring } from "../openpgp/open-signer.ts";
import { ownKey } from "../openpgp/own-key.ts";
import { diskFailure } from "../store/disk.ts";
import type { BinaryEntry } from "./content.ts";
import { binaryFields } from "./indices.ts";
import { type LocalRepository, stateDirectory } from "./settings.ts";

/**
 * Some packages of a repository as a repository of their own, whose packages apt prefers to all others: what one build may see of it.
 * The same packages give the same bytes, signatures included, so that what was resolved with them is found again. It is signed with
 * debkiln's own key, whatever the repository is signed with, and its files are those of the repository's pool.
 * @throws Failure not-writable, disk-full (infrastructure).
 */
export async function viewOf(
  { directory }: Pick<LocalRepository, "directory">,
  entries: readonly BinaryEntry[],
  keyring: Keyring,
): Promise<Repository> {
  const key = await ownKey(keyring.directory);
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const packages = formatDeb822(sorted.map(binaryFields));
  const digest = digestOf(packages);
  const name = hexOf(keyOf({ digest, key: fingerprintOf(key) })).slice(0, 32);
  const place = join(stateDirectory, "views", name);
  const release = formatDeb822([
    [
      ["Origin", "debkiln"],
      ["Label", "debkiln-chain"],
      // apt warns of a repository that is called other than where it lies.
      ["Codename", place],
      ["Date", new Date(key.created * 1000).toUTCString().replace(/GMT$/, "UTC")],
      ["SHA256", `\n${hexOf(digest)} ${Buffer.byteLength(packages)} Packages`],
    ],
  ]);
  await publish(join(directory, place), {
    Packages: packages,
    InRelease: clearSigned(key, release, key.created),
  });
  return {
    types: ["deb"],
    uris: [pathToFileURL(directory).href],
    suites: [`${place}/`],
    components: [],
    signedBy: armoredPublicKey(key).trim(),
    enabled: true,
    priority: aboveAll,
  };
}

/** Removes all views of a repository, which are made again when they are needed. */
export async function removeViews({ directory }: Pick<LocalRepository, "directory">): Promise<void> {
  await rm(join(directory, stateDirectory, "views"), { recursive: true, force: true });
}

/** Also above newer versions of the archive, and what a base has installed, apt_preferences(5). */
const aboveAll = 1001;

/** Its name tells what is in it: one that is there is the same. */
async function publish(place: string, files: Readonly<Record<string, string>>): Promise<void> {
  const staging = `${place}.${randomBytes(8).toString("hex")}`;
  try {
    await makeDirectory(staging);
    for (const [name, content] of Object.entries(files)) await writeFile(join(staging, name), content);
    await rename(staging, place).catch(async (thrown: unknown) => {
      await rm(staging, { recursive: true, force: true });
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown;
    });
  } catch (thrown) {
    throw diskFailure(thrown, place);
  }
}
