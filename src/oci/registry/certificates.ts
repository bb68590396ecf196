import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";
import { nullIfMissing } from "../../base/system-error.ts";

export interface Certificates {
  /** Certificate authorities (PEM) to be trusted for a registry. */
  readonly authorities: readonly string[];
  /** What this side shows of itself. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

/**
 * The certificates for a registry in podman's and docker's directories `certs.d/HOST:PORT` (containers-certs.d(5)): `*.crt`
 * are authorities, `NAME.cert` with `NAME.key` is a client's. The user's own directory comes first.
 * @throws Failure certificate-unreadable (usage).
 */
export async function readCertificates(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Certificates> {
  const config = environment["XDG_CONFIG_HOME"] || join(environment["HOME"] ?? "/", ".config");
  const directories = [join(config, "containers"), "/etc/containers", "/etc/docker"].map((each) =>
    join(each, "certs.d", registry),
  );
  const authorities: string[] = [];
  let client: Certificates["client"] = null;
  for (const directory of directories) {
    const names = ((await readdir(directory).catch(nullIfMissing)) ?? []).toSorted();
    const read = (name: string) => readPem(join(directory, name));
    for (const name of names.filter((each) => each.endsWith(".crt"))) authorities.push(await read(name));
    const pair = names.find((name) => name.endsWith(".cert") && names.includes(keyName(name)));
    if (client === null && pair !== undefined) {
      client = { cert: await read(pair), key: await read(keyName(pair)) };
    }
  }
  return { authorities, client };
}

async function readPem(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Failure("usage", "certificate-unreadable", `Cannot read ${path}`, {
      hint: "Make it readable for this user, or put your own into ~/.config/containers/certs.d.",
      cause,
    });
  });
}

function keyName(certificate: string): string {
  return certificate.replace(/\.cert$/, ".key");
}
