import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finishTree } from "../../../../src/image/finish/finish.ts";
import { lintRoot } from "../../../../src/image/lint/run.ts";
import type { Tree, TreeEntry } from "../../../../src/image/tree/tree.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";
import { type Piece, directory, file, special, subjectOf, symlink, treeOf } from "../lint/root.ts";
import { epoch, plain } from "./finishing.ts";

const status = (names: readonly string[]) =>
  names
    .map(
      (name) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nMaintainer: x\nDescription: x\n`,
    )
    .join("\n");

/** A small system as apt leaves it, in trixie's manner. */
const installed: Readonly<Record<string, Piece>> = {
  bin: symlink("usr/bin"),
  lib: symlink("usr/lib"),
  "dev/null": special("character-device"),
  "boot/vmlinuz-6.12.1": "kernel",
  "boot/config-6.12.1": "config",
  "usr/lib/modules/6.12.1/modules.dep": "",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n_chrony:x:105:109::/var/lib/chrony:/usr/sbin/nologin\n",
  "etc/group": "root:x:0:\n_ssh:x:101:\n_chrony:x:109:\n",
  "etc/shadow": file("root:*:19000:0:99999:7:::\n_chrony:!:19001::::::\n", { mode: 0o640, gid: 42 }),
  "etc/machine-id": "",
  "etc/resolv.conf": "",
  "etc/hosts": "",
  "etc/ssh/ssh_host_rsa_key": "secret",
  "etc/systemd/system/multi-user.target.wants/chrony.service": symlink("/lib/systemd/system/chrony.service"),
  "usr/lib/systemd/system/chrony.service": "[Install]\nWantedBy=multi-user.target\n",
  "usr/lib/sysusers.d/basic.conf": "u root 0 - /root\n",
  "usr/lib/tmpfiles.d/var.conf":
    "q /var 0755\nd /var/log 0755\nd /var/lib 0755\nd /var/cache 0755\nL /var/run - - - - ../run\nL /var/lock - - - - ../run/lock\n",
  "usr/lib/tmpfiles.d/tmp.conf": "q /var/tmp 1777 root root 30d\n",
  "usr/lib/ostree/prepare-root.conf": "[composefs]\nenabled=yes\n",
  "usr/bin/perl": file("perl", { mode: 0o755 }),
  "usr/bin/perl5": furtherName("usr/bin/perl"),
  home: directory(),
  root: directory({ mode: 0o700 }),
  "root/.bashrc": "",
  opt: directory(),
  "run/lock": directory(),
  tmp: directory({ mode: 0o1777 }),
  "var/lib/dpkg/status": status(["base-files", "chrony"]),
  "var/lib/dpkg/lock": "",
  "var/lib/dpkg/info/chrony.list": "/.\n/lib/systemd/system/chrony.service\n/var/lib/chrony\n",
  "var/lib/dpkg/info/chrony.md5sums": "",
  "var/lib/dpkg/info/base-files.list": "/.\n/usr/bin/perl\n",
  "var/lib/chrony": directory({ uid: 105, gid: 109 }),
  "var/log/dpkg.log": "installed",
  "var/cache/apt/pkgcache.bin": "",
  "var/run": symlink("/run"),
  "var/lock": symlink("/run/lock"),
};

async function failuresOf(tree: Tree): Promise<string[]> {
  const { results, aborted } = await lintRoot(subjectOf({}, { view: new TreeView(tree), backend: "ostree" }));
  const failed = results.filter(({ outcome }) => outcome === "failed").map(({ lint }) => lint.name);
  return aborted === null ? failed : [...failed, aborted.message];
}

describe("a root filesystem that apt installed", () => {
  test("becomes one that every lint of bootc's passes, /var's too", async () => {
    const { tree, kernelVersion } = await finishTree(treeOf(installed), plain);
    const before = await failuresOf(treeOf(installed));
    const bootcs = (await lintRoot(subjectOf({}, { view: new TreeView(tree) }), { only: "bootc" })).results;

    expect(kernelVersion).toBe("6.12.1");
    expect(before).toEqual(
      expect.arrayContaining(["baseimage-root", "nonempty-boot", "sysusers", "var-tmpfiles"]),
    );
    expect(bootcs.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    expect(bootcs).toHaveLength(14);
  });

  test("becomes the same whatever the order and the time of its installation, and the engine", async () => {
    const wanted = await finishTree(treeOf(installed), plain);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(Object.keys(installed), { minLength: Object.keys(installed).length }),
        fc.boolean(),
        fc.integer({ min: epoch, max: epoch + 1e6 }),
        fc.constantFrom(0o555, 0o755),
        async (order, swapped, mtime, rootMode) => {
          const tree = new Map(
            treeOf(Object.fromEntries(order.map((path) => [path, installed[path] ?? ""]))),
          );
          if (swapped) {
            tree.set("var/lib/dpkg/status", file(status(["chrony", "base-files"]))("var/lib/dpkg/status"));
            tree.set("etc/group", file("_chrony:x:109:\n_ssh:x:101:\nroot:x:0:\n")("etc/group"));
            tree.set("usr/bin/perl5", file("perl", { mode: 0o755 })("usr/bin/perl5"));
            tree.set("usr/bin/perl", furtherName("usr/bin/perl5")("usr/bin/perl"));
          }
          const root = tree.get(".");
          if (root !== undefined) tree.set(".", { ...root, mode: rootMode });
          const later = new Map(
            [...tree].map(([path, entry]) => [path, isShipped(path) ? entry : { ...entry, mtime }]),
          );
          expect((await finishTree(later, plain)).tree).toEqual(wanted.tree);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("is sorted by path and sound: parents are directories, links have their bytes", async () => {
    const { tree } = await finishTree(treeOf(installed), plain);
    const paths = [...tree.keys()];

    expect(paths).toEqual(paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(tree.get("usr/bin/perl5")).toMatchObject({ type: "link", target: "usr/bin/perl" });
    expect(
      paths.filter(
        (path) => path.includes("/") && tree.get(path.slice(0, path.lastIndexOf("/")))?.type !== "directory",
      ),
    ).toEqual([]);
  });

  test("tells what was done", async () => {
    const { notes } = await finishTree(treeOf(installed), plain);

    expect(notes).toContainEqual({
      action: "dropped",
      reason: "each host makes its own SSH keys",
      paths: ["/etc/ssh/ssh_host_rsa_key"],
    });
    expect(notes).toContainEqual({ action: "moved", reason: "dpkg's database", paths: ["/var/lib/dpkg"] });
    expect(notes).toContainEqual({
      action: "seeded",
      reason: "what root begins with",
      paths: ["/var/roothome/.bashrc"],
    });
  });

  test("stays as it was: nothing of what is given is changed", async () => {
    const tree = treeOf(installed);
    const copy = new Map(tree);
    await finishTree(tree, plain);

    expect(tree).toEqual(copy);
  });
});

/** A further name of a program. */
function furtherName(target: string): (path: string) => TreeEntry {
  return (path) => ({ path, type: "link", target, mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: {} });
}

/** What packages of the small system ship, which keeps its time. */
function isShipped(path: string): boolean {
  return ["usr/lib/systemd/system/chrony.service", "usr/bin/perl", "usr/bin/perl5"].includes(path);
}
