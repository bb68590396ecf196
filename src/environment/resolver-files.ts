import { readFile } from "node:fs/promises";
import { type Repository, formatSources } from "../debian/repository.ts";
import type { Container } from "../engine/engine.ts";
import { rootFile } from "../oci/root-file.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import type { Kiln } from "./kiln.ts";

const systemBundle = "/etc/ssl/certs/ca-certificates.crt";
export const bundleName = "debkiln-ca.crt";

/** Puts the archive's sources, with their keys in them, and apt's settings where the resolver's apt finds them. */
export async function putAptFiles(
  kiln: Kiln,
  container: Container,
  repositories: readonly Repository[],
): Promise<void> {
  const files = [rootFile("sources.list.d/debkiln.sources", formatSources(repositories))];
  await container.put("/etc/apt", packTar([...files, ...(await networkFiles(kiln))]));
}

/** Puts somebody's pins where the resolver's apt finds them, apt_preferences(5). */
export async function putPreferences(
  container: Container,
  whose: "system" | "target",
  text: string,
): Promise<void> {
  await container.put("/etc/apt", packTar([rootFile(`preferences.d/debkiln-${whose}.pref`, text)]));
}

/** Puts only what apt needs to get to https mirrors with the host's authorities, and the keys for a bootstrap. */
export async function putNetworkFiles(
  kiln: Kiln,
  container: Container,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  const directory = keyringDirectory.slice("/etc/apt/".length);
  const keyFiles = [...keys].map(([name, key]) => rootFile(`${directory}/${name}`, key));
  await container.put("/etc/apt", packTar([...keyFiles, ...(await networkFiles(kiln))]));
}

/** Puts a request where apt can read it, and gives its path. */
export async function putRequest(container: Container, name: string, text: string): Promise<string> {
  await container.put("/tmp", packTar([rootFile(name, text)]));
  return `/tmp/${name}`;
}

/** Where a bootstrap in a container finds its keys. */
export const keyringDirectory = "/etc/apt/debkiln-keyring";

/** The host's authorities and the user's as one file: a base has no ca-certificates. */
export async function authorities({ network: { caBundle } }: Kiln): Promise<string> {
  const system = await readFile(systemBundle, "utf8").catch(() => "");
  const own = caBundle === undefined ? "" : await readFile(caBundle, "utf8");
  return `${system}\n${own}`;
}

async function networkFiles(kiln: Kiln): Promise<TarEntry[]> {
  return [rootFile("apt.conf.d/90debkiln", aptConfiguration), rootFile(bundleName, await authorities(kiln))];
}

const aptConfiguration = [
  'Acquire::Languages "none";',
  'Acquire::Retries "3";',
  `Acquire::https::CAInfo "/etc/apt/${bundleName}";`,
  'APT::Install-Recommends "false";',
  'APT::Sandbox::User "root";',
  "",
].join("\n");
