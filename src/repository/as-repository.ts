import { pathToFileURL } from "node:url";
import type { Repository } from "../debian/repository.ts";
import { openRepository } from "./settings.ts";
import { publicKeyOf } from "./verify.ts";

/**
 * A repository on disk as apt has it in its sources: packages of all its suites, which must be signed by the key that lies in it.
 * @throws Failure repository-missing, signing-key-missing (usage), repository-damaged (infrastructure).
 */
export async function asRepository(directory: string): Promise<Repository> {
  const repository = await openRepository(directory);
  const { suites, components } = repository.settings;
  return {
    types: ["deb", "deb-src"],
    uris: [pathToFileURL(repository.directory).href],
    suites,
    components,
    signedBy: (await publicKeyOf(repository)).trim(),
    enabled: true,
  };
}
