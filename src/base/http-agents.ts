import { readFileSync } from "node:fs";
import type { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { getCACertificates } from "node:tls";
import { Failure } from "./failure.ts";
import { http } from "./http.ts";

/** What connections of one kind have in common. */
export interface AgentOptions {
  /** `http_proxy`, `https_proxy` and `no_proxy`. */
  readonly proxyEnv: Readonly<Record<string, string>>;
  /** PEM file of further certificate authorities; Node's own and the system's are always trusted. */
  readonly caBundle?: string | undefined;
  /** Further authorities (PEM). */
  readonly authorities?: readonly string[];
  /** Certificate and key (PEM) by which this side makes itself known. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
  /** What is asked of the other side's certificate. */
  readonly verify?: "certificate" | "nothing";
}

/**
 * One keep-alive agent per scheme; that for https is made when it is needed, for reading the authorities takes a while.
 * @throws Failure (from the function that it gives) ca-bundle-missing (usage).
 */
export function agentsFor(options: AgentOptions): (uri: URL) => HttpAgent {
  const { proxyEnv, caBundle, authorities = [], client, verify } = options;
  const settings = { keepAlive: true, maxSockets: 6, proxyEnv };
  const plain = new http.Agent(settings);
  let https: HttpsAgent | null = null;
  const makeHttps = () =>
    new HttpsAgent({
      ...settings,
      ...client,
      ...(verify === "nothing"
        ? { rejectUnauthorized: false }
        : { ca: [...knownAuthorities(caBundle), ...authorities] }),
    });
  return (uri) => (uri.protocol === "http:" ? plain : (https ??= makeHttps()));
}

/** Node's own authorities, the system's, and the user's. */
function knownAuthorities(bundle: string | undefined): string[] {
  const known = [...getCACertificates("default"), ...getCACertificates("system")];
  return bundle === undefined ? known : [...known, readBundle(bundle)];
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw new Failure("usage", "ca-bundle-missing", `Cannot read the certificate authorities in ${path}`, {
      hint: "Name a PEM file that you may read with ca_bundle (--ca-bundle).",
      cause: thrown,
    });
  }
}
