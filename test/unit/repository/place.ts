import { join } from "node:path";
import type { Addition } from "../../../src/repository/add.ts";
import { readSuite } from "../../../src/repository/content.ts";
import { initRepository } from "../../../src/repository/init.ts";
import type { LocalRepository } from "../../../src/repository/settings.ts";
import { publicKeyOf, verifyRepository } from "../../../src/repository/verify.ts";

/** What changing repositories in a test's directory needs. */
export function toolsIn(place: string) {
  return { directory: join(place, "data"), signal: new AbortController().signal };
}

/** A new repository there, with one suite. */
export async function freshIn(place: string): Promise<LocalRepository> {
  return await initRepository(join(place, "repository"), {}, "amd64", toolsIn(place));
}

/** Files to be added to the only suite. */
export function addition(files: readonly string[], more: Partial<Addition> = {}): Addition {
  return { files, suite: "local", component: "main", displaces: "none", ...more };
}

/** All that is wrong with a repository, a line each. */
export async function problemsIn(place: string, repository: LocalRepository): Promise<readonly string[]> {
  const check = { ...toolsIn(place), publicKey: await publicKeyOf(repository) };
  const { problems } = await verifyRepository(repository, check, () => {});
  return problems.map(({ path, problem }) => `${path} ${problem}`);
}

/** The names of all that a suite has, those of sources with `src:` before them. */
export async function namesIn(repository: LocalRepository): Promise<readonly string[]> {
  const { content } = (await readSuite(repository, "local")) ?? {};
  const { binaries = [], sources = [] } = content ?? {};
  return [
    ...binaries.map((each) => each.package.name),
    ...sources.map((each) => `src:${each.name}`),
  ].toSorted();
}
