import type { Task } from "../base/event.ts";
import { Failure } from "../base/failure.ts";
import type { Resources } from "../base/resources.ts";
import type { Container } from "../engine/engine.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import type { BaseRecipe } from "./base-recipe.ts";
import type { Kiln } from "./kiln.ts";
import type { Difference, LockedPackage } from "./lock.ts";
import { runMetered } from "./metered.ts";
import { Tail } from "./tail.ts";

const directory = "/tmp/debkiln-install";

/**
 * Installs and removes packages offline: the .debs go in as a tar, apt puts them in order. Nothing is synced to disk, since
 * the container is either committed whole or thrown away. Gives what that took; null when there was nothing to do.
 * @throws Failure install-failed (dependency).
 */
export async function installPackages(
  kiln: Kiln,
  container: Container,
  change: Difference,
  { purpose }: Pick<BaseRecipe, "purpose">,
  task: Task,
): Promise<Resources | null> {
  if (change.install.length === 0 && change.remove.length === 0) return null;
  await container.put("/tmp", packTar(archives(kiln, change.install)), kiln.signal);
  const said = new Tail(task);
  const words = [architecturesOf(change), ...change.remove.map(removal)];
  const { result, resources } = await runMetered(container, ["sh", "-c", script, "sh", ...words], {
    output: said,
    environment: {
      DEBIAN_FRONTEND: "noninteractive",
      DEBCONF_NONINTERACTIVE_SEEN: "true",
      LC_ALL: "C.UTF-8",
      // Kernel hooks make no initramfs then: an image gets its own in the end. A mask before dracut in the search path is
      // not enough, since apt gives dpkg a path of its own, without /usr/local (apt.conf(5), DPkg::Path).
      // Python compiles into files with their source's hash then, which are the same each time and good for a source of any
      // time (py_compile, PEP 552); which time it is matters to no script of Debian's. The finish sets what files are dated.
      ...(purpose === "image" ? { INITRD: "No", SOURCE_DATE_EPOCH: String(installEpoch) } : {}),
    },
    signal: kiln.signal,
  });
  if (result.exitCode === 0) return resources;
  throw installFailure(said.text, result.oomKilled);
}

/** 1980, the first year that zip files can tell. Not zero: to shadow(5) that is a password which has to be changed at once. */
const installEpoch = 315_532_800;

/**
 * What it leaves behind is what `installRecipe` of lock.ts counts: raise that with every change here that shows in an image.
 * apt's logs, caches and dpkg's old copies stay out of the layer, as does ldconfig's cache of inode numbers: what is left
 * depends on the packages alone. Services do not start (policy-rc.d of the base). What apt runs beforehand by 70debconf
 * is left out: it unpacks all packages to look for questions, which nobody answers.
 */
const script = `
set -e
native=$(dpkg --print-architecture)
for each in $1; do [ "$each" = "$native" ] || dpkg --add-architecture "$each"; done
shift
mkdir -p /tmp/debkiln-cache/archives/partial /tmp/debkiln-lists/partial /tmp/debkiln-log /tmp/debkiln-apt
for each in /etc/apt/apt.conf.d/*; do
  case $each in */70debconf) ;; *) [ ! -f "$each" ] || cp "$each" /tmp/debkiln-apt ;; esac
done
echo 'Dir::Etc::parts "/tmp/debkiln-apt";' > /tmp/debkiln-apt.conf
APT_CONFIG=/tmp/debkiln-apt.conf apt-get -q -y --allow-downgrades --allow-remove-essential --allow-change-held-packages \
  -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 \
  -o APT::Sandbox::User=root -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null \
  -o Dir::State::lists=/tmp/debkiln-lists -o Dir::Cache=/tmp/debkiln-cache -o Dir::Log=/tmp/debkiln-log \
  install --reinstall $(find ${directory} -name '*.deb') "$@"
rm -rf ${directory} /tmp/debkiln-lists /tmp/debkiln-cache /tmp/debkiln-log /tmp/debkiln-apt /tmp/debkiln-apt.conf \
  /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt/* /var/log/dpkg.log /var/log/alternatives.log \
  /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/aux-cache
`;

/** The architectures of what is installed, but for packages of all: dpkg must be told of those that are not its own. */
function architecturesOf({ install }: Difference): string {
  return [...new Set(install.map(({ architecture }) => architecture))]
    .filter((each) => each !== "all")
    .toSorted()
    .join(" ");
}

async function* archives(kiln: Kiln, packages: readonly LockedPackage[]): AsyncGenerator<TarEntry> {
  const name = directory.slice("/tmp/".length);
  const owner = { uid: 0, gid: 0, mtime: 0 };
  yield { path: name, type: "directory", mode: 0o700, ...owner };
  for (const each of packages) {
    yield {
      path: `${name}/${fileName(each)}`,
      type: "file",
      mode: 0o600,
      ...owner,
      size: each.sizeBytes,
      content: () => kiln.store.openChecked(each.sha256),
    };
  }
}

/** As dpkg-name(1) has it, which apt likes; the epoch's colon would confuse nobody but is escaped as apt does. */
function fileName({ name, version, architecture }: LockedPackage): string {
  return `${name}_${version.replace(":", "%3a")}_${architecture}.deb`;
}

function removal({ name, architecture }: LockedPackage): string {
  return architecture === "all" ? `${name}-` : `${name}:${architecture}-`;
}

function installFailure(output: string, oomKilled: boolean): Failure {
  const details = { output };
  if (oomKilled) {
    return new Failure(
      "infrastructure",
      "out-of-memory",
      "Installing the build dependencies ran out of memory",
      {
        hint: "Allow more with --memory.",
        details,
      },
    );
  }
  if (/No space left on device/.test(output)) {
    return new Failure(
      "infrastructure",
      "disk-full",
      "The disk filled up while the build dependencies were installed",
      {
        hint: "Free some space, for example with `debkiln gc`.",
        details,
      },
    );
  }
  const line = output.split("\n").find((line) => /^(E:|dpkg: error)/.test(line)) ?? "apt failed";
  return new Failure("dependency", "install-failed", `The build dependencies do not install: ${line}`, {
    hint: "A maintainer script failed or two packages collide: the lines above are apt's and dpkg's own.",
    details,
  });
}
