import { openSigner } from "../openpgp/open-signer.ts";
import type { SigningKey } from "../openpgp/signing-key.ts";
import { type RepositoryTools, changeSuite } from "./change.ts";
import { type LocalRepository, writeSettings } from "./settings.ts";

/**
 * Publishes all suites of a repository as they are, signed anew; with another key when one is given.
 * @throws Failure what a `Signer` and `changeSuite` raise.
 */
export async function signRepository(
  { directory, settings }: LocalRepository,
  key: SigningKey | null,
  tools: RepositoryTools,
): Promise<void> {
  const repository = { directory, settings: { ...settings, key: key ?? settings.key } };
  // A key that cannot sign must not become the repository's.
  await openSigner(repository.settings.key, tools).requireUsable();
  await writeSettings(repository);
  for (const suite of settings.suites)
    await changeSuite(repository, suite, tools, async (content) => ({ content, prune: false, result: null }));
}
