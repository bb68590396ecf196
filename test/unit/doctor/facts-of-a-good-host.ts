import { judge } from "../../../src/doctor/examine.ts";
import type { Facts } from "../../../src/doctor/facts.ts";
import type { Finding } from "../../../src/doctor/finding.ts";

/** A Debian 12 host on which nothing is wrong, seen by an ordinary user; tests change what they are about. */
export function goodHost(changes: Partial<Facts> = {}): Facts {
  const account = changes.account ?? { name: "anna", uid: 1000, home: "/home/anna" };
  const handler = { enabled: true, interpreter: "/usr/bin/qemu", flags: "POCF" };
  const foreign = ["qemu-aarch64", "qemu-arm", "qemu-riscv64", "qemu-ppc64le", "qemu-s390x"];
  return {
    account,
    privileged: account.uid === 0,
    engines: ["podman"],
    runtimeDirectory: `/run/user/${account.uid}`,
    release: { id: "debian", version: 12 },
    systemd: false,
    kernel: [6, 1],
    architecture: "amd64",
    programs: new Set([
      "podman",
      "crun",
      "newuidmap",
      "newgidmap",
      "slirp4netns",
      "netavark",
      "aardvark-dns",
      "iptables",
      "nft",
      "mmdebstrap",
      "apt-get",
    ]),
    podmanVersion: "4.3.1",
    docker: { socket: null, accessible: false },
    mounts: [
      { point: "/", type: "ext4", shared: true },
      { point: "/sys/fs/cgroup", type: "cgroup2", shared: true },
    ],
    unifiedControllers: ["cpu", "memory", "pids"],
    hardLimits: { nofile: 1_048_576, nproc: null },
    raisesLimits: true,
    defaultUlimits: null,
    devices: { fuse: 0o666, tun: 0o666 },
    subordinate: {
      uids: [{ owner: "anna", start: 100_000, count: 65_536 }],
      gids: [{ owner: "anna", start: 100_000, count: 65_536 }],
    },
    binfmt: new Map(foreign.map((name) => [name, handler])),
    binfmtFiles: new Set(foreign),
    storage: {
      driver: "overlay",
      mountProgram: null,
      file: "/etc/containers/storage.conf",
      ownFile: "/home/anna/.config/containers/storage.conf",
      graphRoot: "/home/anna/.local/share/containers/storage",
      existing: null,
    },
    disks: [{ path: "/home/anna", purpose: "images", availableBytes: 100e9 }],
    sysctl: {
      appArmorRestrictsUserns: false,
      podmanProfile: false,
      unprivilegedUsernsClone: true,
      maxUserNamespaces: 95_000,
    },
    clock: {
      now: new Date("2026-05-01T12:00:00Z"),
      newest: new Date("2026-04-30T12:00:00Z"),
      network: null,
    },
    ...changes,
  };
}

export const root = { name: "root", uid: 0, home: "/root" };

/** The one finding that is not ok. @throws Error when there is none, or more than one. */
export function trouble(facts: Facts): Finding {
  const found = judge(facts).filter(({ status }) => status !== "ok");
  const [finding] = found;
  if (finding === undefined || found.length > 1) throw new Error(`not one finding: ${JSON.stringify(found)}`);
  return finding;
}
