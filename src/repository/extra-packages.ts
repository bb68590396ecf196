import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestOfFile } from "../base/digester.ts";
import { Failure } from "../base/failure.ts";
import type { Repository } from "../debian/repository.ts";
import { type LocalDeb, type Shelf, localPackages } from "./local-packages.ts";

/**
 * The repository of .debs that a user has here, to be preferred to all others: each path is one, or a directory of them.
 * Null when there are none. @throws Failure extra-package-missing (usage), and what `localPackages` raises.
 */
export async function extraPackages(
  shelf: Shelf,
  paths: readonly string[],
  architectures: readonly string[],
): Promise<Repository | null> {
  if (paths.length === 0) return null;
  const files = (await Promise.all(paths.map(debsAt))).flat();
  const debs = new Map<string, LocalDeb>();
  for (const path of files) {
    const digest = await digestOfFile(path);
    debs.set(digest, { path, digest });
  }
  const purpose = { architectures, label: "debkiln-extra-packages" };
  const { repository } = await localPackages(shelf, [...debs.values()], purpose);
  return { ...repository, priority };
}

/** More than 1000: taken even where the archive has a newer version, apt_preferences(5). */
const priority = 1001;

async function debsAt(path: string): Promise<readonly string[]> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw missing(`There is no ${path}`, cause);
  });
  if (!stats.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".deb"));
  if (names.length === 0) throw missing(`${path} has no .deb in it`);
  return names.toSorted().map((name) => join(path, name));
}

function missing(message: string, cause?: unknown): Failure {
  return new Failure("usage", "extra-package-missing", message, {
    hint: "--extra-package takes a .deb, or a directory with some in it.",
    cause,
  });
}
