import { describe, expect, test } from "vitest";
import { makeApiDirectories } from "../../../../src/image/finish/api-directories.ts";
import { forgetHost } from "../../../../src/image/finish/host-identity.ts";
import { directory, file, special, symlink } from "../lint/root.ts";
import { apply, pathsOf, targetOf, textOf } from "./finishing.ts";

describe("what makes a host itself", () => {
  test("is not known before its first boot", () => {
    const { tree } = apply(forgetHost, {
      "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
      "etc/hostname": "builder\n",
      "etc/ssh/ssh_host_ed25519_key": "secret",
      "etc/ssh/ssh_host_ed25519_key.pub": "public",
      "etc/ssh/sshd_config": "",
      "etc/nvme/hostid": "id",
      "etc/bind/rndc.key": "secret",
    });

    expect(textOf(tree, "etc/machine-id")).toBe("uninitialized\n");
    expect(tree.get("etc/machine-id")).toMatchObject({ mode: 0o444 });
    expect(pathsOf(tree)).toEqual([
      "etc",
      "etc/bind",
      "etc/hosts",
      "etc/machine-id",
      "etc/nvme",
      "etc/ssh",
      "etc/ssh/sshd_config",
    ]);
  });

  test("is its name, if the definition gives one", () => {
    const { tree } = apply(forgetHost, { "etc/hostname": "" }, { hostname: "server" });

    expect(textOf(tree, "etc/hostname")).toBe("server\n");
  });

  test("is its resolver: systemd-resolved's, or what the network's manager writes", () => {
    const resolved = apply(forgetHost, { "etc/resolv.conf": "", "usr/lib/systemd/systemd-resolved": "" });
    const without = apply(forgetHost, { "etc/resolv.conf": "nameserver 192.0.2.1\n" });

    expect(targetOf(resolved.tree, "etc/resolv.conf")).toBe("../run/systemd/resolve/stub-resolv.conf");
    expect(without.tree.get("etc/resolv.conf")).toBeUndefined();
  });

  test("is not /etc/hosts, which an engine leaves empty", () => {
    const emptied = apply(forgetHost, { "etc/hosts": "" });
    const own = apply(forgetHost, { "etc/hosts": "192.0.2.1 own\n" });

    expect(textOf(emptied.tree, "etc/hosts")).toMatch(/^127\.0\.0\.1\tlocalhost\n/);
    expect(textOf(own.tree, "etc/hosts")).toBe("192.0.2.1 own\n");
  });

  test("is its certificate, which it makes when it has none", () => {
    const { tree, notes } = apply(forgetHost, {
      "etc/ssl/certs/ssl-cert-snakeoil.pem": "certificate",
      "etc/ssl/certs/62742064.0": symlink("ssl-cert-snakeoil.pem"),
      "etc/ssl/certs/ca.pem": symlink("/usr/share/ca-certificates/ca.crt"),
      "etc/ssl/private/ssl-cert-snakeoil.key": "key",
      "usr/sbin/make-ssl-cert": "",
    });

    expect(pathsOf(tree).filter((path) => path.startsWith("etc/ssl/"))).toEqual([
      "etc/ssl/certs",
      "etc/ssl/certs/ca.pem",
      "etc/ssl/private",
    ]);
    expect(textOf(tree, "usr/lib/systemd/system/debkiln-ssl-cert.service")).toContain(
      "ConditionPathExists=!/etc/ssl/private/ssl-cert-snakeoil.key",
    );
    expect(notes.flatMap(({ paths }) => paths)).toHaveLength(3);
  });

  test("is in files that stay: the names in them go", () => {
    const { tree } = apply(forgetHost, {
      "etc/iscsi/initiatorname.iscsi": file(
        "## Keep\nInitiatorName=iqn.1993-08.org.debian:01:deec1d41459c\n",
        { mode: 0o600 },
      ),
      "etc/popularity-contest.conf": 'MY_HOSTID="ba0c1cd3a028466686e0d10a0508b49f"\nPARTICIPATE="no"\n',
    });

    expect(textOf(tree, "etc/iscsi/initiatorname.iscsi")).toBe("## Keep\nGenerateName=yes\n");
    expect(tree.get("etc/iscsi/initiatorname.iscsi")).toMatchObject({ mode: 0o600 });
    expect(textOf(tree, "etc/popularity-contest.conf")).toBe('MY_HOSTID=""\nPARTICIPATE="no"\n');
  });
});

describe("directories that something is mounted on", () => {
  test("are empty, and there", () => {
    const { tree } = apply(makeApiDirectories, {
      "dev/null": special("character-device"),
      "run/lock": directory(),
      "tmp/x": "",
      ".dockerenv": "",
      "usr/bin/x": "",
    });

    expect(pathsOf(tree)).toEqual([
      "dev",
      "ostree",
      "proc",
      "run",
      "sys",
      "sysroot",
      "tmp",
      "usr",
      "usr/bin",
      "usr/bin/x",
    ]);
    expect(tree.get("tmp")).toMatchObject({ mode: 0o1777 });
    expect(targetOf(tree, "ostree")).toBe("sysroot/ostree");
  });
});
