import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate authority of a test. Its directory is one for DOCKER_CERT_PATH. Disposing removes it. */
export interface Authority extends Disposable {
  /** Has ca.pem, cert.pem and key.pem for a client, server.pem and server-key.pem for 127.0.0.1. */
  readonly directory: string;
}

/** Makes an authority, and by openssl(1) what it signs. */
export function makeAuthority(): Authority {
  const directory = mkdtempSync(join(tmpdir(), "debkiln-authority-"));
  const openssl = (...words: readonly string[]) =>
    execFileSync("openssl", words, { cwd: directory, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(..."req -x509 -keyout ca-key.pem -out ca.pem -subj /CN=authority -days 2".split(" "), ...key);
  writeFileSync(join(directory, "names"), "subjectAltName=IP:127.0.0.1\n");
  for (const [name, keyName] of [
    ["cert", "key"],
    ["server", "server-key"],
  ] as const) {
    openssl("req", "-keyout", `${keyName}.pem`, "-out", `${name}.csr`, "-subj", `/CN=${name}`, ...key);
    openssl(
      ...`x509 -req -in ${name}.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2`.split(" "),
      "-extfile",
      "names",
      "-out",
      `${name}.pem`,
    );
  }
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
}
