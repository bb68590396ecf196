import { nameOf, resolvePath } from "../tree/path.ts";
import { textAt } from "../tree/read.ts";
import type { Changes } from "./changes.ts";
import type { FinishOptions } from "./options.ts";

/** Secrets and names that installation made and that each host must make for itself. */
const secrets: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^etc\/ssh\/ssh_host_[^/]*$/, "each host makes its own SSH keys"],
  [/^etc\/ssl\/(?:private|certs)\/ssl-cert-snakeoil\.(?:key|pem)$/, "each host makes its own certificate"],
  [/^etc\/nvme\/host(?:id|nqn)$/, "each host has its own NVMe name"],
  [/^etc\/munge\/munge\.key$/, "each host has its own keys"],
  [/^etc\/bind\/rndc\.key$/, "each host has its own keys"],
];

/** What else in files tells of the host, and what stands there before it does. */
export const identityTexts: readonly (readonly [path: string, said: RegExp, instead: string])[] = [
  // What open-iscsi's service makes a name for.
  ["etc/iscsi/initiatorname.iscsi", /^InitiatorName=.*$/m, "GenerateName=yes"],
  ["etc/popularity-contest.conf", /^MY_HOSTID=.*$/m, 'MY_HOSTID=""'],
];

/**
 * Takes from the tree what makes a host itself. `uninitialized` as the machine id makes the first boot a first boot:
 * presets are applied and units with ConditionFirstBoot= run (machine-id(5)), which an empty one would not do.
 */
export function forgetHost(changes: Changes, { hostname }: FinishOptions): void {
  changes.file("etc/machine-id", "uninitialized\n", { mode: 0o444 });
  forgetNetwork(changes);
  if (hostname !== null) changes.file("etc/hostname", `${hostname}\n`);
  forgetSecrets(changes);
  for (const [path, said, instead] of identityTexts) {
    const text = textAt(changes.tree, path);
    const entry = changes.get(path);
    if (text === null || entry === undefined || !said.test(text)) continue;
    changes.file(path, text.replace(said, instead), { mode: entry.mode, uid: entry.uid, gid: entry.gid });
    changes.note("written", path, "each host has its own name");
  }
}

/** As Debian's netbase writes it when there is none; in a container, the engine's own keeps it from doing so. */
const hosts = `127.0.0.1\tlocalhost
::1\t\tlocalhost ip6-localhost ip6-loopback
ff02::1\t\tip6-allnodes
ff02::2\t\tip6-allrouters
`;

/**
 * Name, hosts and resolver are the engine's while an image is made. Without systemd-resolved there is no resolv.conf: what
 * brings up the network writes one, and an empty one would pass for a leftover (bootc's lint `buildah-injected`).
 */
function forgetNetwork(changes: Changes): void {
  for (const path of ["etc/hostname", "etc/resolv.conf", "etc/.resolv.conf.systemd-resolved.bak"])
    changes.remove(path);
  const present = changes.get("etc/hosts");
  if (present === undefined || (present.type === "file" && present.sizeBytes === 0))
    changes.file("etc/hosts", hosts);
  if (changes.get("usr/lib/systemd/systemd-resolved") !== undefined)
    changes.symlink("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
}

const certificate = "etc/ssl/certs/ssl-cert-snakeoil.pem";

function forgetSecrets(changes: Changes): void {
  const hadCertificate = changes.get(certificate) !== undefined;
  const links = hadCertificate ? linksTo(changes, certificate) : [];
  for (const { path, type } of changes.tree.values()) {
    const reason = secrets.find(([pattern]) => type !== "directory" && pattern.test(path))?.[1];
    if (reason !== undefined) changes.drop(path, reason);
  }
  for (const path of links) changes.drop(path, "each host makes its own certificate");
  if (hadCertificate && changes.get("usr/sbin/make-ssl-cert") !== undefined) makeCertificateAtBoot(changes);
}

/** The links that c_rehash made, named by the hash of the subject. */
function linksTo(changes: Changes, path: string): string[] {
  return changes
    .children("etc/ssl/certs")
    .filter((entry) => entry.type === "symlink" && nameOf(entry.path) !== nameOf(path))
    .filter((entry) => resolvePath(changes.tree, entry.path) === path)
    .map((entry) => entry.path);
}

/** ssl-cert makes the certificate when it is installed, and has nothing that makes it again. */
function makeCertificateAtBoot(changes: Changes): void {
  const name = "debkiln-ssl-cert.service";
  const units = "usr/lib/systemd/system";
  changes.file(`${units}/${name}`, certificateUnit);
  changes.symlink(`${units}/multi-user.target.wants/${name}`, `../${name}`);
}

const certificateUnit = `[Unit]
Description=Make this host's self-signed certificate
ConditionPathExists=!/etc/ssl/private/ssl-cert-snakeoil.key
DefaultDependencies=no
After=local-fs.target systemd-tmpfiles-setup.service systemd-sysusers.service
Before=basic.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/make-ssl-cert generate-default-snakeoil
`;
