import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { readPublicKeyFile, readSigningKeyFile } from "../image/key-files.ts";
import { RegistryCache } from "../image/registry-cache.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import type { Store } from "../store/store.ts";
import { registryAccess } from "./registry-access.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";

/**
 * The repositories that the settings share environments with. What lies there is run, so nothing is taken that a key of the
 * user's has not signed, nor left where nobody could take it.
 * @throws Failure bad-reference, cache-without-key, signing-key-unreadable, bad-signing-key, wrong-passphrase (usage).
 */
export async function environmentCache(session: Session, store: Store): Promise<RegistryCache> {
  const { settings, connect } = session;
  const access = await registryAccess(session, {
    authfile: settings.cache_authfile === undefined ? undefined : resolve(settings.cache_authfile),
    "tls-verify": settings.cache_tls_verify ? "true" : "false",
  });
  return new RegistryCache({
    taking: await takingFrom(settings),
    leaving: await leavingTo(settings),
    access,
    connect,
    scratch: () => store.temporaryDirectory(),
  });
}

async function takingFrom({ cache_from: from, cache_key: key }: Settings) {
  if (from.length === 0) return null;
  if (key === undefined) throw withoutKey("--cache-from", "--cache-key FILE (cache_key), the public one");
  return { from: from.map(repositoryOf), key: await readPublicKeyFile(resolve(key)) };
}

async function leavingTo(settings: Settings) {
  const { cache_to: to, cache_sign_key: key, cache_passphrase_file: passphrase } = settings;
  if (to === undefined) return null;
  if (key === undefined)
    throw withoutKey("--cache-to", "--cache-sign-key FILE (cache_sign_key), the private one");
  const file = passphrase === undefined ? undefined : resolve(passphrase);
  return { to: repositoryOf(to), key: await readSigningKeyFile(resolve(key), file) };
}

function withoutKey(flag: string, wanted: string): Failure {
  return new Failure(
    "usage",
    "cache-without-key",
    `${flag} needs a key: what comes from a cache is run in every build`,
    {
      hint: `Give ${wanted}; \`debkiln image keygen cache\` makes a pair.`,
    },
  );
}

/** A repository: its tags are the keys'. @throws Failure bad-reference (usage). */
function repositoryOf(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === null && reference.digest === null) return reference;
  throw new Failure("usage", "bad-reference", `${text} is more than a repository`, {
    hint: "Write it without tag and digest, such as registry.example/team/debkiln-cache: each key has a tag of its own there.",
  });
}
