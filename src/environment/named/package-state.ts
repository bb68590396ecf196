import { Failure } from "../../base/failure.ts";
import type { Container } from "../../engine/engine.ts";
import { rootFile } from "../../oci/root-file.ts";
import { type TarEntry, packTar } from "../../oci/tar.ts";
import { Head } from "../head.ts";
import type { Kiln } from "../kiln.ts";

/** Where dpkg and apt keep what is installed, of which architectures and why, below /var/lib. */
const files = ["dpkg/status", "dpkg/arch", "apt/extended_states"] as const;
const largest = 64 * 1024 * 1024;

/**
 * Makes a resolver's apt believe that what is installed in another container is installed with it. The files are read and
 * packed anew here: nothing else of that container gets to the resolver.
 * @throws Failure package-state-missing (infrastructure).
 */
export async function copyPackageState(kiln: Kiln, from: Container, resolver: Container): Promise<void> {
  const entries: TarEntry[] = [];
  for (const path of files) {
    const bytes = await readInside(kiln, from, `/var/lib/${path}`);
    if (bytes !== null) entries.push(rootFile(path, bytes));
  }
  if (!entries.some(({ path }) => path === "dpkg/status"))
    throw stateMissing("there is no /var/lib/dpkg/status");
  await resolver.put("/var/lib", packTar(entries), kiln.signal);
}

async function readInside(kiln: Kiln, container: Container, path: string): Promise<Buffer | null> {
  const stdout = new Head(largest);
  const { exitCode } = await container.run(["cat", path], { stdout, signal: kiln.signal });
  if (exitCode !== 0) return null;
  if (!stdout.isWhole) throw stateMissing(`${path} has more than ${largest} bytes`);
  return stdout.bytes;
}

function stateMissing(why: string): Failure {
  return new Failure(
    "infrastructure",
    "package-state-missing",
    `The environment has no packages to speak of: ${why}`,
    {
      hint: "It is no Debian system any more: restore a snapshot, or make it anew with debkiln env init --replace.",
    },
  );
}
