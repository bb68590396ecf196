import { describe, expect, test } from "vitest";
import { judge } from "../../../src/doctor/examine.ts";
import { goodHost, root, trouble } from "./facts-of-a-good-host.ts";

describe("a good host", () => {
  test.each([
    ["an ordinary user", goodHost()],
    ["root", goodHost({ account: root })],
  ])("has nothing to mend for %s", (_, facts) => {
    const findings = judge(facts);

    expect(findings.length).toBeGreaterThan(10);
    expect(findings.filter(({ status }) => status !== "ok")).toEqual([]);
  });
});

describe("the engine", () => {
  test("is installed when there is none", () => {
    const finding = trouble(goodHost({ programs: without("podman"), podmanVersion: null }));

    expect(finding).toMatchObject({ check: "engine", status: "error" });
    expect(finding.fix?.commands.at(-1)).toMatch(
      /^sudo env DEBIAN_FRONTEND=noninteractive apt-get install .* podman crun$/,
    );
  });

  test("is named without a command on a host that has no apt-get", () => {
    const programs = new Set(
      [...goodHost().programs].filter((name) => name !== "podman" && name !== "apt-get"),
    );

    expect(trouble(goodHost({ programs, podmanVersion: null })).fix).toBeUndefined();
  });

  test.each(["3.4.4", "4.2.0"])("podman %s is too old", (podmanVersion) => {
    expect(trouble(goodHost({ podmanVersion }))).toMatchObject({ check: "podman-version", status: "error" });
  });

  test.each(["4.3.1", "4.10.0", "5.4.2"])("podman %s is new enough", (podmanVersion) => {
    expect(judge(goodHost({ podmanVersion })).every(({ status }) => status === "ok")).toBe(true);
  });

  test("docker's closed socket is a warning beside podman, and an error when docker is asked for", () => {
    const docker = { socket: "/var/run/docker.sock", accessible: false };
    const programs = new Set([...goodHost().programs, "dockerd"]);

    expect(trouble(goodHost({ docker }))).toMatchObject({ check: "docker-permission", status: "warning" });
    expect(trouble(goodHost({ docker, programs, engines: ["docker"] })).status).toBe("error");
  });

  test("joining the group docker, as good as root, needs consent", () => {
    const finding = trouble(goodHost({ docker: { socket: "/var/run/docker.sock", accessible: false } }));

    expect(finding.fix?.commands).toEqual(["sudo usermod --append --groups docker anna"]);
    expect(finding.fix?.consent).toContain("root");
  });
});

describe("packages", () => {
  test.each([
    ["network-backend", "netavark", "netavark"],
    ["network-backend", "aardvark-dns", "aardvark-dns"],
    ["network-backend", "iptables", "iptables"],
    ["network-backend", "nft", "nftables"],
    ["id-maps", "newuidmap", "uidmap"],
    ["rootless-network", "slirp4netns", "slirp4netns"],
    ["container-runtime", "crun", "crun"],
    ["bootstrap-tool", "mmdebstrap", "mmdebstrap"],
  ])("%s: %s comes from %s", (check, program, package_) => {
    const finding = trouble(goodHost({ programs: without(program) }));

    expect(finding.check).toBe(check);
    expect(finding.fix?.commands.at(-1)?.split(" ").at(-1)).toBe(package_);
  });

  test("root needs neither id maps nor rootless networking", () => {
    const programs = without("newuidmap", "newgidmap", "slirp4netns");

    expect(judge(goodHost({ account: root, programs })).every(({ status }) => status === "ok")).toBe(true);
  });
});

describe("cgroups", () => {
  const hybrid = [
    { point: "/", type: "ext4", shared: true },
    { point: "/sys/fs/cgroup", type: "tmpfs", shared: true },
    { point: "/sys/fs/cgroup/unified", type: "cgroup2", shared: true },
  ];

  test("v1 with hugetlb left on v2 is mended by mounting it as v1", () => {
    const finding = trouble(goodHost({ account: root, mounts: hybrid, unifiedControllers: ["hugetlb"] }));

    expect(finding).toMatchObject({ check: "cgroups", status: "error" });
    expect(finding.fix?.commands).toEqual([
      "sh -c 'mkdir -p /sys/fs/cgroup/hugetlb && mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb'",
    ]);
  });

  test("v2's io is v1's blkio", () => {
    const finding = trouble(goodHost({ account: root, mounts: hybrid, unifiedControllers: ["io"] }));

    expect(finding.fix?.commands.join()).toContain("-o blkio cgroup /sys/fs/cgroup/blkio");
  });

  test("v1 alone costs ordinary users their limits, and root nothing", () => {
    const facts = { mounts: hybrid, unifiedControllers: [] };

    expect(trouble(goodHost(facts))).toMatchObject({ check: "cgroups", status: "warning" });
    expect(judge(goodHost({ ...facts, account: root })).every(({ status }) => status === "ok")).toBe(true);
  });
});

describe("ulimits without CAP_SYS_RESOURCE", () => {
  const limited = { account: root, raisesLimits: false, hardLimits: { nofile: 20_000, nproc: 96_365 } };

  test("podman's defaults are lowered to the host's, processes to 32768 at most", () => {
    const finding = trouble(goodHost(limited));

    expect(finding).toMatchObject({ check: "ulimits", status: "error" });
    expect(finding.fix?.commands).toEqual([
      "mkdir -p /etc/containers/containers.conf.d",
      `printf '%s\\n' '[containers]' 'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]' | tee /etc/containers/containers.conf.d/50-debkiln.conf >/dev/null`,
    ]);
  });

  test("a smaller limit of the host is the limit", () => {
    const finding = trouble(goodHost({ ...limited, hardLimits: { nofile: 1024, nproc: 500 } }));

    expect(finding.fix?.commands.join()).toContain('["nofile=1024:1024", "nproc=500:500"]');
  });

  test.each([
    [["nofile=20000:20000", "nproc=32768:32768"], "ok"],
    [["nofile=20001:20001", "nproc=32768:32768"], "error"],
    [["nofile=20000:20000"], "error"],
    [["nofile=20000:20000", "nproc=-1:-1"], "error"],
  ])("default_ulimits = %j is %s", (defaultUlimits, status) => {
    const findings = judge(goodHost({ ...limited, defaultUlimits }));

    expect(findings.find(({ check }) => check === "ulimits")?.status).toBe(status);
  });

  test("an ordinary user's podman lowers its own defaults, but not a setting that is too high", () => {
    const anna = { ...limited, account: goodHost().account };

    expect(judge(goodHost(anna)).every(({ status }) => status === "ok")).toBe(true);
    expect(trouble(goodHost({ ...anna, defaultUlimits: ["nofile=1048576:1048576"] })).check).toBe("ulimits");
  });
});

describe("devices and mounts", () => {
  test("closed device files are opened, and missing ones made", () => {
    const finding = trouble(goodHost({ devices: { fuse: 0o600, tun: null } }));

    expect(finding).toMatchObject({ check: "devices", status: "error" });
    expect(finding.fix?.commands).toEqual([
      "sudo sh -c 'mkdir -p /dev && { test -c /dev/fuse || mknod /dev/fuse c 10 229; } && chmod 666 /dev/fuse'",
      "sudo sh -c 'mkdir -p /dev/net && { test -c /dev/net/tun || mknod /dev/net/tun c 10 200; } && chmod 666 /dev/net/tun'",
    ]);
  });

  test("a private / is made shared", () => {
    const mounts = goodHost().mounts.map((mount) => ({ ...mount, shared: false }));

    const finding = trouble(goodHost({ mounts }));

    expect(finding.check).toBe("shared-root");
    expect(finding.fix?.commands).toEqual(["sudo mount --make-rshared /"]);
  });
});

describe("user namespaces", () => {
  test("a range beyond all others is given to a user without one", () => {
    const other = [{ owner: "bert", start: 500_000, count: 65_536 }];

    const finding = trouble(goodHost({ subordinate: { uids: other, gids: [] } }));

    expect(finding.check).toBe("subordinate-ids");
    expect(finding.fix?.commands).toEqual([
      "sudo usermod --add-subuids 565536-631071 --add-subgids 565536-631071 anna",
    ]);
  });

  test("a range may belong to the user's number", () => {
    const ranges = [{ owner: "1000", start: 100_000, count: 65_536 }];

    expect(
      judge(goodHost({ subordinate: { uids: ranges, gids: ranges } })).every(({ status }) => status === "ok"),
    ).toBe(true);
  });

  test("Ubuntu's AppArmor limit is lifted now and for later boots", () => {
    const sysctl = { ...goodHost().sysctl, appArmorRestrictsUserns: true };

    const finding = trouble(goodHost({ sysctl }));

    expect(finding).toMatchObject({ check: "user-namespaces", status: "error" });
    expect(finding.fix?.commands).toEqual([
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
      "sudo mkdir -p /etc/sysctl.d",
      String.raw`printf '%s\n' 'kernel.apparmor_restrict_unprivileged_userns = 0' | sudo tee /etc/sysctl.d/60-debkiln.conf >/dev/null`,
    ]);
  });

  test("podman's own AppArmor profile is enough", () => {
    const sysctl = { ...goodHost().sysctl, appArmorRestrictsUserns: true, podmanProfile: true };

    expect(judge(goodHost({ sysctl })).every(({ status }) => status === "ok")).toBe(true);
  });

  test.each([
    [{ unprivilegedUsernsClone: false }, "kernel.unprivileged_userns_clone=1"],
    [{ maxUserNamespaces: 0 }, "user.max_user_namespaces=28633"],
  ])("%j is set right", (change, setting) => {
    const finding = trouble(goodHost({ sysctl: { ...goodHost().sysctl, ...change } }));

    expect(finding.fix?.commands[0]).toBe(`sudo sysctl -w ${setting}`);
  });

  test.each([
    [false, "sudo install -d -m 700 -o 1000 /run/user/1000"],
    [true, "sudo loginctl enable-linger anna"],
  ])("a missing runtime directory is made (systemd: %s)", (systemd, command) => {
    const finding = trouble(goodHost({ runtimeDirectory: null, systemd }));

    expect(finding.fix?.commands).toEqual([command]);
  });
});

describe("binfmt_misc", () => {
  test("is mounted when it is not", () => {
    expect(trouble(goodHost({ binfmt: null }))).toMatchObject({ check: "binfmt", status: "warning" });
  });

  test("handlers the distribution has files for are registered without installing anything", () => {
    const finding = trouble(goodHost({ binfmt: new Map() }));

    expect(finding.fix?.commands.join()).toContain("/proc/sys/fs/binfmt_misc/register");
    expect(finding.fix?.commands.join()).not.toContain("apt-get");
  });

  test.each([
    ["debian", 12, "qemu-user-static"],
    ["debian", 13, "qemu-user-binfmt"],
    ["debian", null, "qemu-user-binfmt"],
    ["ubuntu", 24.04, "qemu-user-static"],
  ])("on %s %s the interpreters come from %s", (id, version, package_) => {
    const finding = trouble(
      goodHost({ binfmt: new Map(), binfmtFiles: new Set(), release: { id, version } }),
    );

    expect(finding.fix?.commands[1]).toContain(` ${package_} binfmt-support`);
  });

  test.each([
    ["PF", "lacks C"],
    ["PC", "lacks F"],
    ["", "lacks F and C"],
  ])("flags %j: %s", (flags, words) => {
    const binfmt = new Map(goodHost().binfmt).set("qemu-riscv64", {
      enabled: true,
      interpreter: "/q",
      flags,
    });

    const finding = trouble(goodHost({ binfmt }));

    expect(finding.message).toBe(`qemu handlers without flags: qemu-riscv64 ${words}`);
    expect(finding.fix?.commands.join()).toContain("for h in qemu-riscv64; do");
  });
});

describe("the clock", () => {
  const now = new Date("2026-05-01T12:00:00Z");

  test.each([
    ["2026-05-01T12:04:00Z", null],
    ["2026-05-01T12:10:00Z", "warning"],
    ["2026-05-09T12:00:00Z", "error"],
    ["2026-01-01T12:00:00Z", "error"],
  ])("beside a mirror that says %s", (network, status) => {
    const findings = judge(goodHost({ clock: { now, newest: null, network: new Date(network) } }));

    expect(findings.find(({ check }) => check === "clock")?.status).toBe(status ?? "ok");
  });

  test("is set to the mirror's time", () => {
    const network = new Date("2026-05-09T12:00:00Z");

    const finding = trouble(goodHost({ clock: { now, newest: null, network } }));

    expect(finding.message).toContain("the mirror says it is 2026-05-09");
    expect(finding.fix?.commands).toEqual(["sudo date --utc --set=2026-05-09T12:00:00.000Z"]);
  });

  test("is behind when packages were installed in the future", () => {
    const finding = trouble(goodHost({ clock: { now, newest: new Date("2026-06-01"), network: null } }));

    expect(finding.message).toContain("the package database was last changed 2026-06-01");
    expect(finding.fix).toBeUndefined();
  });
});

function without(...names: readonly string[]): ReadonlySet<string> {
  return new Set([...goodHost().programs].filter((name) => !names.includes(name)));
}
