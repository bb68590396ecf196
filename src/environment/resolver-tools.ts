import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import { parsePrintUris } from "../debian/print-uris.ts";
import type { Container } from "../engine/engine.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import { capture } from "./capture.ts";
import { fetchPackages } from "./fetch.ts";
import type { Kiln } from "./kiln.ts";
import type { LockedPackage } from "./lock.ts";
import { lockedPackage } from "./printed-package.ts";

/**
 * Unpacks packages in a resolver's container for its own use: dpkg never hears of them, so that they change nothing of what is
 * resolved, and no script of theirs runs. @throws Failure resolver-missing (dependency).
 */
export async function unpackTools(
  kiln: Kiln,
  container: Container,
  names: readonly string[],
  { task, hint }: { readonly task: Task; readonly hint: string },
): Promise<void> {
  const options = ["-qq", "-y", "-o", "Acquire::ForceHash=SHA256", "--print-uris"];
  const { exitCode, output } = await capture(kiln, container, ["apt-get", ...options, "install", ...names]);
  if (exitCode !== 0) throw toolsMissing(names, hint, output);
  const packages = parsePrintUris(output).map(lockedPackage);
  await fetchPackages(kiln, packages, task);
  await container.put("/tmp", packTar(archives(kiln, packages)));
  const unpacked = await capture(kiln, container, ["sh", "-c", script]);
  if (unpacked.exitCode !== 0) throw toolsMissing(names, hint, unpacked.output);
}

const directory = "debkiln-tools";

const script = `set -e
for each in /tmp/${directory}/*.deb; do dpkg-deb --fsys-tarfile "$each" | tar -x --keep-directory-symlink -C /; done
rm -r /tmp/${directory}`;

async function* archives(kiln: Kiln, packages: readonly LockedPackage[]): AsyncGenerator<TarEntry> {
  const owner = { uid: 0, gid: 0, mtime: 0 };
  yield { path: directory, type: "directory", mode: 0o700, ...owner };
  for (const { sha256, sizeBytes } of packages)
    yield {
      path: `${directory}/${sha256.slice("sha256:".length)}.deb`,
      type: "file",
      mode: 0o600,
      ...owner,
      size: sizeBytes,
      content: () => kiln.store.openChecked(sha256),
    };
}

function toolsMissing(names: readonly string[], hint: string, output: string): Failure {
  return new Failure("dependency", "resolver-missing", `The suite does not have ${names.join(" and ")}`, {
    hint,
    details: { output },
  });
}
