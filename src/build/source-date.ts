import { readFile } from "node:fs/promises";
import { parseBuildinfo } from "../debian/buildinfo.ts";
import type { Artifact } from "./result.ts";

/**
 * The SOURCE_DATE_EPOCH of a build in seconds, which dpkg-buildpackage takes from the changelog and dpkg-genbuildinfo
 * records; null when the .buildinfo does not say. @throws Failure what `parseBuildinfo` raises.
 */
export async function sourceDateEpochOf(artifacts: readonly Artifact[]): Promise<number | null> {
  const buildinfo = artifacts.find(({ kind, sizeBytes }) => kind === "buildinfo" && sizeBytes <= longest);
  if (buildinfo === undefined) return null;
  const { environment } = parseBuildinfo(await readFile(buildinfo.path, "utf8"), buildinfo.name);
  const epoch = environment["SOURCE_DATE_EPOCH"];
  return epoch !== undefined && /^\d{1,12}$/.test(epoch) ? Number(epoch) : null;
}

/** More than any .buildinfo has: a hostile one is not read at all. */
const longest = 4 * 1024 ** 2;
