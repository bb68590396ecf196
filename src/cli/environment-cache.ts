import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { readPublicKeyFile, readSigningKeyFile } from "../image/key-files.ts";
import { RegistryCache } from "../image/registry-cache.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import type { Store } from "../store/store.ts";
import { registryAccess } from "./registry-access.ts";
import type { Session } from "./session.ts";

/**
 * The repositories that the settings share environments with. @throws Failure bad-reference, cache-without-repository,
 * signing-key-unreadable, bad-signing-key, wrong-passphrase (usage).
 */
export async function environmentCache(session: Session, store: Store): Promise<RegistryCache> {
  const { settings, connect } = session;
  const { cache_key: key, cache_sign_key: signKey, cache_passphrase_file: passphrase } = settings;
  const access = await registryAccess(session, {
    authfile: settings.cache_authfile === undefined ? undefined : resolve(settings.cache_authfile),
    "tls-verify": settings.cache_tls_verify ? "true" : "false",
  });
  return new RegistryCache({
    from: settings.cache_from.map(repositoryOf),
    to: settings.cache_to === undefined ? null : repositoryOf(settings.cache_to),
    key: key === undefined ? null : await readPublicKeyFile(resolve(key)),
    signingKey:
      signKey === undefined
        ? null
        : await readSigningKeyFile(
            resolve(signKey),
            passphrase === undefined ? undefined : resolve(passphrase),
          ),
    access,
    connect,
    scratch: () => store.temporaryDirectory(),
  });
}

/** A repository: its tags are the keys'. @throws Failure bad-reference (usage). */
function repositoryOf(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === null && reference.digest === null) return reference;
  throw new Failure("usage", "bad-reference", `${text} is more than a repository`, {
    hint: "Write it without tag and digest, such as registry.example/team/debkiln-cache: each key has a tag of its own there.",
  });
}
