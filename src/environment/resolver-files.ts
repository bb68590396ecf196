import { readFile } from "node:fs/promises";
import { type Repository, formatSources } from "../debian/repository.ts";
import type { Container } from "../engine/engine.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import type { Kiln } from "./kiln.ts";
import type { Target } from "./target.ts";

const systemBundle = "/etc/ssl/certs/ca-certificates.crt";
export const bundleName = "debkiln-ca.crt";

/** Puts the archive's sources, their keys and apt's settings where the resolver's apt finds them. */
export async function putAptFiles(
  kiln: Kiln,
  container: Container,
  target: Target,
  repositories: readonly Repository[],
): Promise<void> {
  const own = target.keyring !== undefined;
  const signed = repositories.map((each) =>
    each.signedBy === null && own ? { ...each, signedBy: `/etc/apt/${keyringName}` } : each,
  );
  await container.put(
    "/etc/apt",
    packTar([
      file("sources.list.d/debkiln.sources", formatSources(signed)),
      file("apt.conf.d/90debkiln", aptConfiguration(kiln)),
      ...(await keyringFile(target)),
      ...(await bundleFile(kiln)),
    ]),
  );
}

/** Puts only what apt needs to get through proxies and to https mirrors with the host's authorities. */
export async function putNetworkFiles(kiln: Kiln, container: Container, target: Target): Promise<void> {
  await container.put(
    "/etc/apt",
    packTar([
      file("apt.conf.d/90debkiln", aptConfiguration(kiln)),
      ...(await keyringFile(target)),
      ...(await bundleFile(kiln)),
    ]),
  );
}

/** Proxy variables for a container that has the network. */
export function networkEnvironment(kiln: Kiln): Record<string, string> {
  const passed = ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => {
    const value = kiln.network.environment[name] ?? kiln.network.environment[name.toUpperCase()];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(passed);
}

export const keyringName = "debkiln-keyring.gpg";

function aptConfiguration(kiln: Kiln): string {
  const { proxy } = kiln.network;
  return [
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    `Acquire::https::CAInfo "/etc/apt/${bundleName}";`,
    ...(proxy === undefined ? [] : [`Acquire::http::Proxy "${proxy}";`, `Acquire::https::Proxy "${proxy}";`]),
    'APT::Install-Recommends "false";',
    'APT::Sandbox::User "root";',
    "",
  ].join("\n");
}

async function keyringFile({ keyring }: Target): Promise<TarEntry[]> {
  return keyring === undefined ? [] : [file(keyringName, await readFile(keyring))];
}

/** The host's authorities and the user's as one file: a base has no ca-certificates. */
async function bundleFile(kiln: Kiln): Promise<TarEntry[]> {
  const system = await readFile(systemBundle, "utf8").catch(() => "");
  const own = kiln.network.caBundle === undefined ? "" : await readFile(kiln.network.caBundle, "utf8");
  return [file(bundleName, `${system}\n${own}`)];
}

function file(path: string, text: string | Uint8Array): TarEntry {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return {
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes.length,
    content: () => bytes,
  };
}
