import { Failure } from "../../base/failure.ts";
import { printableLine } from "../../base/printable.ts";
import { errorCode } from "../../base/system-error.ts";

/** The failure of a connection; failures of this program's own, such as of what was sent, as they came. */
export function unreachable(registry: string, action: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const said = thrown instanceof Error ? thrown.message || String(thrown) : String(thrown);
  const name = errorCode(thrown) ?? "";
  const plain = plainHttp(thrown);
  // Node goes on after a semicolon with advice about itself.
  const reason = plain ? "it does not speak TLS" : said.replace(/;.*/s, "") || name;
  const certificate = /CERT|UNABLE_TO_|SELF_SIGNED|ALTNAME/.test(name);
  return new Failure(
    "infrastructure",
    "registry-unreachable",
    `Cannot ${action}: no connection to ${registry}: ${printableLine(reason)}`,
    {
      hint: plain
        ? "Where a registry is meant to be without TLS, allow it with --tls-verify=false."
        : certificate
          ? "Name the certificate authority's PEM file with --ca-bundle, or put it into certs.d (containers-certs.d(5))."
          : "Check the registry's name, the network and the proxy variables; what has arrived is not sent again.",
      details: { mayPass: !certificate && !plain && !["ENOTFOUND", "ECONNREFUSED"].includes(name) },
      cause: thrown,
    },
  );
}

/** Whether a TLS handshake was answered without TLS. */
export function plainHttp(thrown: unknown): boolean {
  return /^(?:EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/.test(
    errorCode(thrown) ?? "",
  );
}

/** The failure of an answer that the protocol does not allow. */
export function badAnswer(registry: string, reason: string): Failure {
  return new Failure("infrastructure", "bad-registry-answer", `${registry} breaks the protocol: ${reason}`, {
    hint: "Check that the name leads to a registry, and no proxy or login page is in between.",
  });
}
