import { Readable } from "node:stream";
import { Failure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../kiln.ts";
import { authorities } from "../resolver-files.ts";

// What is in /tmp is part of nothing that is kept.
const directory = "/tmp/.debkiln-ca";
const bundle = `${directory}/ca.crt`;
const aptConfiguration = `${directory}/apt.conf`;
const wgetConfiguration = `${directory}/wgetrc`;

/** By which programs find the authorities: OpenSSL's and Go's, curl, git, Python's requests, Node.js, apt and wget. */
const variables = {
  SSL_CERT_FILE: bundle,
  CURL_CA_BUNDLE: bundle,
  GIT_SSL_CAINFO: bundle,
  REQUESTS_CA_BUNDLE: bundle,
  NODE_EXTRA_CA_CERTS: bundle,
  APT_CONFIG: aptConfiguration,
  WGETRC: wgetConfiguration,
};

/**
 * Lays the host's certificate authorities and those of the user's `ca_bundle` in a container that has a network, and gives the
 * variables by which programs find them; none when the user named no authorities.
 * @throws Failure authorities-unwritable (infrastructure) when they cannot be written.
 */
export async function layAuthorities(
  kiln: Kiln,
  container: Container,
): Promise<Readonly<Record<string, string>>> {
  if (kiln.network.caBundle === undefined) return {};
  const script =
    `umask 022; mkdir ${directory} && echo 'Acquire::https::CAInfo "${bundle}";' > ${aptConfiguration}` +
    ` && echo 'ca_certificate = ${bundle}' > ${wgetConfiguration} && cat > ${bundle}`;
  const input = Readable.from([Buffer.from(await authorities(kiln))]);
  const { exitCode } = await container.run(["sh", "-c", script], { input, signal: kiln.signal });
  if (exitCode === 0) return variables;
  throw new Failure(
    "infrastructure",
    "authorities-unwritable",
    "The certificates could not be laid in the container",
    {
      hint: "The engine's disk may be full: see `debkiln doctor`.",
    },
  );
}
