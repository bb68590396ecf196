import { Failure } from "../base/failure.ts";
import { peelClearSigned } from "../debian/clear-signed.ts";
import { type Keyring, openSigner } from "../openpgp/open-signer.ts";
import { readSuite } from "./content.ts";
import type { LocalRepository } from "./settings.ts";
import { checkSignatures, readSigned } from "./signature-check.ts";

/**
 * Fails unless what is published of a suite, if anything is, was signed by the key that the repository is signed with here: what
 * somebody else put there must neither be built with nor signed anew.
 * @throws Failure repository-signature, repository-damaged (infrastructure), and what a `Signer` and `checkSignatures` raise.
 */
export async function requireSigned(
  repository: LocalRepository,
  suite: string,
  keyring: Keyring,
): Promise<void> {
  const published = await readSuite(repository, suite);
  if (published === null) return;
  const { release, inRelease, detached } = await readSigned(published.directory);
  if (release === null || inRelease === null) throw notOurs(repository, suite, "is not signed");
  const publicKey = await openSigner(repository.settings.key, keyring).publicKey();
  const [wrong] = await checkSignatures({ release, inRelease, detached }, { ...keyring, publicKey });
  if (wrong !== undefined) throw notOurs(repository, suite, wrong.problem);
  if (peelClearSigned(inRelease).content !== release)
    throw notOurs(repository, suite, "has another Release file than was signed");
}

function notOurs({ directory }: LocalRepository, suite: string, what: string): Failure {
  return new Failure("infrastructure", "repository-signature", `${directory}: the suite ${suite} ${what}`, {
    hint: `\`debkiln repo verify ${directory}\` tells all that is wrong. When you trust what is in it, \`debkiln repo sign ${directory}\` signs it anew.`,
  });
}
