import { type RepositoryTools, changeSuite } from "./change.ts";
import { type LocalRepository, type SigningKey, writeSettings } from "./settings.ts";
import { openSigner } from "./signer.ts";

/**
 * Publishes all suites of a repository as they are, signed anew; with another key when one is given.
 * @throws Failure what `openSigner` and `changeSuite` raise.
 */
export async function signRepository(
  { directory, settings }: LocalRepository,
  key: SigningKey | null,
  tools: RepositoryTools,
): Promise<void> {
  const repository = { directory, settings: { ...settings, key: key ?? settings.key } };
  // A key that cannot sign must not become the repository's.
  await openSigner(repository.settings.key, tools);
  await writeSettings(repository);
  for (const suite of settings.suites)
    await changeSuite(repository, suite, tools, async (content) => ({ content, prune: false, result: null }));
}
