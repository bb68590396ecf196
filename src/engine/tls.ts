import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Route } from "./ping.ts";

/**
 * How an engine over TCP is reached. TLS as docker's own client has it: DOCKER_CERT_PATH, or else ~/.docker as far as they are
 * there, holds ca.pem, cert.pem and key.pem. @throws Failure bad-endpoint (usage) for files that cannot be read.
 */
export async function tcpRoute(
  place: Extract<Endpoint, { type: "tcp" }>,
  environment: NodeJS.ProcessEnv,
): Promise<Route> {
  const secure = place.secure || (environment["DOCKER_TLS_VERIFY"] ?? "") !== "";
  const where = { host: place.host.replace(/^\[|\]$/g, ""), port: place.port };
  if (!secure) return { protocol: "http", ...where };
  const given = environment["DOCKER_CERT_PATH"] ?? "";
  const read =
    given === ""
      ? (name: string) => readIfThere(join(environment["HOME"] ?? "/", ".docker", name))
      : (name: string) => readGiven(join(given, name));
  const [ca, cert, key] = await Promise.all(["ca.pem", "cert.pem", "key.pem"].map(read));
  const shown = cert == null || key == null ? {} : { cert, key };
  return { protocol: "https", ...where, ...(ca == null ? {} : { ca }), ...shown };
}

/** What failed in TLS, and what to do; null for what is no matter of TLS. */
export function tlsTrouble(thrown: unknown): { readonly reason: string; readonly hint: string } | null {
  const code = errorCode(thrown) ?? "";
  const found = troubles.find(({ sign }) => sign.test(code));
  return found === undefined ? null : found;
}

const troubles: readonly { readonly sign: RegExp; readonly reason: string; readonly hint: string }[] = [
  {
    sign: /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT.*))$/,
    reason: "its certificate is of no authority that is trusted here",
    hint: "Let DOCKER_CERT_PATH name a directory whose ca.pem is of the authority that signed the engine's certificate.",
  },
  {
    sign: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    reason: "its certificate is for other names",
    hint: "Address it by a name that its certificate has: `openssl s_client -connect HOST:PORT` shows which.",
  },
  {
    sign: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/,
    reason: "its certificate is not valid at this time",
    hint: "See to the engine's certificate, and to the clocks of both machines.",
  },
  {
    sign: /^ERR_SSL_.*ALERT/,
    reason: "it wants a certificate and refuses what it was shown",
    hint: "Let DOCKER_CERT_PATH name a directory whose cert.pem and key.pem are of an authority that the engine trusts.",
  },
  {
    sign: /^ERR_OSSL_(?:X509|PEM|ASN1)/,
    reason: "the certificate or key to show it cannot be used",
    hint: "In DOCKER_CERT_PATH ca.pem, cert.pem and key.pem are to be PEM, and key.pem the key of cert.pem.",
  },
  {
    sign: /^(?:ECONNRESET|PLAIN_TO_TLS)$/,
    reason: "what answers there hangs up, as an engine that wants TLS or another certificate does",
    hint: "If it wants TLS, set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to a directory with ca.pem, cert.pem and key.pem that it trusts.",
  },
];

async function readIfThere(path: string): Promise<string | null> {
  return await readFile(path, "utf8").catch(nullIfMissing);
}

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Failure("usage", "bad-endpoint", `${path}, for TLS, cannot be read: ${errorCode(cause)}`, {
      hint: "DOCKER_CERT_PATH is to name a directory with ca.pem, cert.pem and key.pem; unset it to use the system's authorities.",
      cause,
    });
  }
}
