import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { componentsOf } from "../../../../src/image/layers/components.ts";
import { linkTo } from "../../../../src/image/tree/entry.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { arbitraryTree, directory, file, symlink, treeOf } from "../tree/arbitrary-tree.ts";
import { dpkgTree } from "./dpkg-tree.ts";

async function homes(tree: Tree, definition?: ReadonlySet<string>): Promise<Record<string, string>> {
  const components = await componentsOf(tree, definition);
  return Object.fromEntries(components.flatMap(({ name, paths }) => paths.map((path) => [path, name])));
}

const big = Buffer.alloc(1 << 20);

test("files go with their source, and dpkg's account of a package with that", async () => {
  const tree = dpkgTree(
    [
      { name: "libcurl4t64:amd64", source: "curl", list: ["/usr/lib/libcurl.so.4"] },
      { name: "curl", list: ["/usr/bin/curl"] },
    ],
    [
      file("usr/bin/curl", "x"),
      file("usr/lib/libcurl.so.4", "x"),
      file("usr/lib/sysimage/dpkg/info/curl.postinst", "x"),
      file("usr/lib/sysimage/dpkg/info/format", "1"),
      file("usr/lib/sysimage/dpkg/info/gone.list", "x"),
      file("usr/lib/sysimage/dpkg/alternatives/editor", "x"),
    ],
  );
  const found = await homes(tree);

  expect(found).toEqual({
    "usr/bin/curl": "curl",
    "usr/lib/libcurl.so.4": "curl",
    "usr/lib/sysimage/dpkg/info/curl.list": "curl",
    "usr/lib/sysimage/dpkg/info/curl.postinst": "curl",
    "usr/lib/sysimage/dpkg/info/libcurl4t64:amd64.list": "curl",
    "usr/lib/sysimage/dpkg/alternatives/editor": "system:alternatives",
    "usr/lib/sysimage/dpkg/diversions": "system:dpkg",
    "usr/lib/sysimage/dpkg/info/format": "system:dpkg",
    "usr/lib/sysimage/dpkg/info/gone.list": "system:dpkg",
    "usr/lib/sysimage/dpkg/status": "system:dpkg",
  });
});

describe("what no package brought", () => {
  const packages = [
    { name: "linux-image-6.12", source: "linux", list: ["/usr/lib/modules/6.12/kernel/ext4.ko"] },
    { name: "python3.13", list: ["/usr/lib/python3.13/os.py"] },
    { name: "ca-certificates", list: ["/usr/sbin/update-ca-certificates"] },
    { name: "libc-bin", source: "glibc", list: ["/usr/bin/localedef", "/usr/sbin/iconvconfig"] },
  ];
  const owned = packages.flatMap(({ list }) => list.map((path) => file(path.slice(1), "x")));

  test.each([
    ["usr/lib/modules/6.12/initramfs.img", "system:initramfs"],
    ["usr/lib/modules/6.12/vmlinuz", "linux"],
    ["usr/lib/modules/6.12/modules.dep.bin", "linux"],
    ["usr/lib/modules/6.99/modules.dep.bin", "system:kernel"],
    ["boot/EFI/Linux/6.12.efi", "system:uki"],
    ["usr/lib/udev/hwdb.bin", "system:hwdb"],
    ["etc/ssl/certs/ca-certificates.crt", "ca-certificates"],
    ["usr/lib/python3.13/__pycache__/os.cpython-313.pyc", "python3.13"],
    ["usr/lib/python3.13/__pycache__/os.cpython-313.opt-1.pyc", "python3.13"],
    ["usr/lib/python3.13/__pycache__/other.cpython-313.pyc", "system:rest"],
    ["usr/lib/locale/locale-archive", "glibc"],
    ["usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", "glibc"],
    ["usr/share/mime/globs2", "system:caches"],
    ["usr/share/glib-2.0/schemas/gschemas.compiled", "system:caches"],
    ["etc/alternatives/editor", "system:alternatives"],
    ["etc/ld.so.cache", "system:rest"],
    ["etc/passwd", "system:rest"],
  ])("goes where it belongs: %s to %s", async (path, component) => {
    expect(await homes(dpkgTree(packages, [...owned, file(path, "x")]))).toMatchObject({ [path]: component });
  });

  test("is a component of its own when it is large, and the rest when not", async () => {
    expect(await homes(treeOf([file("opt/large", big), file("opt/small", big.subarray(1))]))).toEqual({
      "opt/large": "file:/opt/large",
      "opt/small": "system:rest",
    });
  });

  test("goes with the alternatives when it is a link to one", async () => {
    expect(await homes(treeOf([symlink("usr/bin/editor", "/etc/alternatives/editor")]))).toEqual({
      "usr/bin/editor": "system:alternatives",
    });
  });
});

test("nothing in a component is newer than what packages brought, as their checksums tell", async () => {
  const info = "usr/lib/sysimage/dpkg/info";
  const tree = dpkgTree(
    [
      { name: "pam", list: ["/lib/pam.so", "/etc/pam.conf", "/var/lib/pam"] },
      { name: "old", list: ["/usr/bin/old"] },
    ],
    [
      symlink("lib", "usr/lib"),
      file("usr/lib/pam.so", "x", { mtime: 1000 }),
      file("etc/pam.conf", "altered in the image", { mtime: 9000 }),
      symlink("var/lib/pam", "/usr/share/pam"),
      file(`${info}/pam.md5sums`, `${"0".repeat(32)}  lib/pam.so\n`),
      file("usr/bin/old", "x", { mtime: 2000 }),
      file("usr/lib/udev/hwdb.bin", "x"),
      file("etc/passwd", "x"),
    ],
  );
  const latest = Object.fromEntries((await componentsOf(tree)).map((each) => [each.name, each.latest]));

  expect(latest).toEqual({
    pam: 1000,
    old: 2000,
    "system:hwdb": 0,
    "system:dpkg": Infinity,
    "system:rest": Infinity,
  });
});

test("what the definition puts in place is apart from the package that has it too", async () => {
  const tree = dpkgTree(
    [{ name: "ssh", list: ["/etc/ssh/sshd_config"] }],
    [file("etc/ssh/sshd_config", "x")],
  );

  expect(await homes(tree, new Set(["etc/ssh/sshd_config"]))).toMatchObject({
    "etc/ssh/sshd_config": "system:definition",
  });
});

test("all names of a file go to one component, a package's before others", async () => {
  const perl = file("usr/bin/perl5.40", "x");
  const tree = dpkgTree(
    [
      { name: "zperl", list: ["/usr/bin/perl"] },
      { name: "perl-base", list: ["/usr/bin/perl5.40"] },
    ],
    [perl, linkTo(perl, "usr/bin/perl"), linkTo(perl, "opt/a")],
  );

  expect(await homes(tree)).toMatchObject({
    "usr/bin/perl5.40": "perl-base",
    "usr/bin/perl": "perl-base",
    "opt/a": "perl-base",
  });
});

test("a directory is in a component only when nothing is in it", async () => {
  const tree = dpkgTree(
    [{ name: "cron", list: ["/etc/cron.d", "/var/spool/cron"] }],
    [file("etc/cron.d/x", ""), directory("var/spool/cron"), directory("srv")],
  );

  expect(await homes(tree)).toMatchObject({ "var/spool/cron": "cron", srv: "system:rest" });
  expect(await homes(tree)).not.toHaveProperty(["etc/cron.d"]);
});

test("every entry of any tree is in one component or above one that is", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTree, async (tree) => {
      const components = await componentsOf(tree);
      const paths = components.flatMap((each) => each.paths);

      expect(new Set(paths).size).toBe(paths.length);
      const isAbove = (path: string) => path === "." || paths.some((each) => each.startsWith(`${path}/`));
      const nowhere = [...tree.values()].filter(
        ({ path, type }) => !paths.includes(path) && !(type === "directory" && isAbove(path)),
      );
      expect(nowhere).toEqual([]);
    }),
  );
});
