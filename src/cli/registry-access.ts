import { resolve } from "node:path";
import { proxiesOf } from "../environment/proxies.ts";
import { credentialFinder } from "../oci/registry/auth-files.ts";
import type { RegistryAccess } from "../oci/registry/connection.ts";
import type { Session } from "./session.ts";

/** The flags of commands that speak to registries, as parsed. */
export interface RegistryFlags {
  readonly authfile: string | undefined;
  readonly "tls-verify": "true" | "false";
}

/**
 * How this command reaches registries: proxies from the setting or the environment (not apt's, which may be a cache of
 * packages only), logins from podman's and docker's files.
 */
export async function registryAccess(session: Session, flags: RegistryFlags): Promise<RegistryAccess> {
  const { settings, environment, signal } = session;
  const { proxy, ca_bundle: caBundle } = settings;
  const proxies = proxiesOf({ environment, ...(proxy === undefined ? {} : { proxy }) }, async () => "");
  return {
    proxies: await proxies(),
    caBundle: caBundle === undefined ? undefined : resolve(caBundle),
    credentials: credentialFinder({ file: flags.authfile, environment }),
    tls: flags["tls-verify"] === "false" ? "unverified" : "verified",
    environment,
    signal,
  };
}
