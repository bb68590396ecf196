import { describe, expect, test } from "vitest";
import { bootableLabel } from "../../../../src/image/lint/debkiln/bootable-label.ts";
import { buildLeftovers } from "../../../../src/image/lint/debkiln/build-leftovers.ts";
import { homeLinks } from "../../../../src/image/lint/debkiln/home-links.ts";
import { hostname } from "../../../../src/image/lint/debkiln/hostname.ts";
import { machineId } from "../../../../src/image/lint/debkiln/machine-id.ts";
import { nestedStorage } from "../../../../src/image/lint/debkiln/nested-storage.ts";
import { nonemptyApi } from "../../../../src/image/lint/debkiln/nonempty-api.ts";
import { resolvConf } from "../../../../src/image/lint/debkiln/resolv-conf.ts";
import { specialFiles } from "../../../../src/image/lint/debkiln/special-files.ts";
import { sshHostKeys } from "../../../../src/image/lint/debkiln/ssh-host-keys.ts";
import { whiteouts } from "../../../../src/image/lint/debkiln/whiteouts.ts";
import { lints } from "../../../../src/image/lint/lints.ts";
import type { ImageConfig } from "../../../../src/oci/image-spec.ts";
import { textOf } from "./check.ts";
import { goodRoot } from "./good-root.ts";
import { says } from "./changed.ts";
import { directory, special, symlink } from "./root.ts";

const labelled = configOf({ "containers.bootc": "1" });

function configOf(labels: Readonly<Record<string, string>> | null): ImageConfig {
  return {
    architecture: "amd64",
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [] },
  };
}

test.each([...lints])("the lint $name passes a good image", async (lint) => {
  expect(await textOf(lint, goodRoot, { config: labelled, machineNames: ["builder"] })).toBeNull();
});

describe("bootable-label", () => {
  test.each([
    [null, "Neither label is there: containers.bootc, ostree.bootable"],
    [{}, "Neither label is there: containers.bootc, ostree.bootable"],
    [{ "containers.bootc": "true" }, 'The label containers.bootc is "true", not 1'],
    [{ "ostree.bootable": "1" }, null],
  ])("of the labels %o says %o", async (labels, expected) => {
    expect(await textOf(bootableLabel, {}, { config: configOf(labels) })).toBe(expected);
  });
});

describe("ssh-host-keys", () => {
  test("names keys, public ones too", async () => {
    const change = { "etc/ssh/ssh_host_ed25519_key": "key", "etc/ssh/ssh_host_ed25519_key.pub": "key" };

    expect(await says(sshHostKeys, change)).toBe(
      "Found ssh host keys:\n  /etc/ssh/ssh_host_ed25519_key\n  /etc/ssh/ssh_host_ed25519_key.pub\n",
    );
  });
});

describe("machine-id", () => {
  test.each([
    ["nothing", { "etc/machine-id": null }, "Missing /etc/machine-id"],
    [
      "an empty file",
      { "etc/machine-id": "" },
      "/etc/machine-id is empty: no boot would be the first one, and units that wait for it never run",
    ],
    [
      "an id",
      { "etc/machine-id": "0123456789abcdef0123456789abcdef\n" },
      "/etc/machine-id has an id: every machine would be the same one",
    ],
    [
      "an id of D-Bus's own",
      { "var/lib/dbus/machine-id": "0123456789abcdef0123456789abcdef\n" },
      "/var/lib/dbus/machine-id is no link to /etc/machine-id: every machine would be the same one",
    ],
    ["D-Bus's link", { "var/lib/dbus/machine-id": symlink("/etc/machine-id") }, null],
  ])("of %s says so", async (_, change, expected) => {
    expect(await says(machineId, change)).toBe(expected);
  });
});

describe("hostname", () => {
  const known = { machineNames: ["builder"], intended: { hostname: null, setId: [] } };

  test.each(["3f2a1b0c9d8e", "localhost", "localhost.localdomain", "buildkitsandbox", "builder"])(
    "does not believe in %o",
    async (name) => {
      expect(await says(hostname, { "etc/hostname": `${name}\n` }, known)).toBe(
        `/etc/hostname is "${name}", which no machine of this image is called`,
      );
    },
  );

  test("takes a name that somebody chose, and the one that is meant to be", async () => {
    const meant = { ...known, intended: { hostname: "builder", setId: [] } };

    expect(await says(hostname, { "etc/hostname": "edge-1\n" }, known)).toBeNull();
    expect(await says(hostname, { "etc/hostname": "builder\n" }, meant)).toBeNull();
    expect(await says(hostname, { "etc/hostname": "edge-1\n" }, meant)).not.toBeNull();
  });
});

test("resolv-conf refuses a file with name servers", async () => {
  expect(await says(resolvConf, { "etc/resolv.conf": "nameserver 192.0.2.1\n" })).toBe(
    "/etc/resolv.conf names the building machine's name servers",
  );
  expect(await says(resolvConf, { "etc/resolv.conf": "" })).toBeNull();
});

test("build-leftovers names what makers of images forget", async () => {
  const change = {
    ".dockerenv": "",
    "vmlinuz.old": symlink("boot/vmlinuz-6.1"),
    "usr/sbin/policy-rc.d": "exit 101",
    "etc/shadow-": "root:*:",
    "etc/default/grub.dpkg-dist": "",
    "var/cache/apt/pkgcache.bin": "cache",
    "var/lib/apt/lists/lock": "",
    "var/lib/apt/lists/mirror_InRelease": "Origin: Debian",
  };

  expect(await says(buildLeftovers, change)).toBe(
    "Found leftovers of the build:\n" +
      "  /.dockerenv\n  /vmlinuz.old\n  /usr/sbin/policy-rc.d\n  /etc/default/grub.dpkg-dist\n  /etc/shadow-\n" +
      "  /var/cache/apt/pkgcache.bin\n  /var/lib/apt/lists/mirror_InRelease\n",
  );
});

test("special-files names devices, pipes and sockets wherever they are", async () => {
  const change = {
    "dev/null": special("character-device"),
    "usr/a b": special("fifo"),
    "srv2/s": special("socket"),
  };

  expect(await says(specialFiles, change)).toBe(
    "Found special files:\n  /dev/null (character device)\n  /srv2/s (socket)\n  '/usr/a b' (fifo)\n",
  );
});

test("whiteouts names files that are layers' marks", async () => {
  expect(await says(whiteouts, { "opt/.wh..wh..opq": "", ".wh.etc": "", "opt/a.wh.b": "" })).toBe(
    "Found whiteouts:\n  /.wh.etc\n  /opt/.wh..wh..opq\n",
  );
});

test("nested-storage refuses images within the image, not an empty store", async () => {
  const change = { "var/lib/containers/storage/overlay/0123/diff": directory() };

  expect(await says(nestedStorage, change)).toBe("Found container storage:\n  /var/lib/containers/storage\n");
  expect(await says(nestedStorage, { "var/lib/containers/storage/overlay": directory() })).toBeNull();
});

test("nonempty-api-directories names what would be hidden", async () => {
  expect(
    await says(nonemptyApi, { "dev/console": "", "sys/x": "", "sysroot/ostree/repo": directory() }),
  ).toBe(
    "Found content in directories that are mounted over:\n  /dev/console\n  /sys/x\n  /sysroot/ostree\n",
  );
});

describe("home-links", () => {
  test.each([
    ["a directory", { home: directory() }, "/home (it is no link)"],
    [
      "an absolute link",
      { root: symlink("/var/roothome") },
      "/root (its link is not relative: /var/roothome)",
    ],
    ["a link within the image", { srv: symlink("usr/srv") }, "/srv (it leads to usr/srv)"],
    ["a link that nothing makes", { mnt: symlink("var/other") }, "/mnt (nothing makes /var/other)"],
  ])("names %s", async (_, change, item) => {
    expect(await says(homeLinks, change)).toBe(
      `Found directories that cannot be written on a running system:\n  ${item}\n`,
    );
  });

  test("takes mount units in place of links, and nothing at all", async () => {
    expect(
      await says(homeLinks, { home: directory(), "usr/lib/systemd/system/home.mount": "[Mount]\n" }),
    ).toBeNull();
    expect(await says(homeLinks, { srv: null })).toBeNull();
    expect(await says(homeLinks, { mnt: symlink("var/other"), "var/other": directory() })).toBeNull();
  });
});
