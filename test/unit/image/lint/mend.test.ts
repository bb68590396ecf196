import { mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import type { Subject } from "../../../../src/image/lint/lint.ts";
import { mendRoot } from "../../../../src/image/lint/mend.ts";
import { mendDirectory } from "../../../../src/image/lint/mend-directory.ts";
import { mendTree } from "../../../../src/image/lint/mend-tree.ts";
import type { Repair } from "../../../../src/image/lint/repair.ts";
import { lintRoot, type LintReport } from "../../../../src/image/lint/run.ts";
import { readDirectory } from "../../../../src/image/tree/read-directory.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";
import { goodRoot } from "./good-root.ts";
import { type Piece, directory as folder, hardLink, subjectOf, treeOf, without } from "./root.ts";

const gone = [
  "etc/machine-id",
  "etc/resolv.conf",
  "home",
  "media",
  "ostree",
  "root",
  "sys",
  "sysroot",
  "usr/lib/modules/5.7.2/vmlinuz",
  "usr/lib/sysimage",
  "usr/lib/tmpfiles.d",
  "var",
];

/** A root of which much is wrong that can be mended, as tools leave it. */
const brokenRoot: Readonly<Record<string, Piece>> = {
  ...gone.reduce(without, goodRoot),
  home: folder(),
  media: folder(),
  "root/.profile": "umask 022",
  "usr/lib/tmpfiles.d/image.conf": "d /var/lib\nd /var/srv\nd /var/mnt\n",
  "boot/vmlinuz-5.7.2": "kernel",
  "var/run/lock": folder(),
  "var/log/dpkg.log": "log",
  "var/lib/dpkg/status": "Package: sudo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
  "var/lib/dpkg/info/sudo.list": "/.\n",
  "run/lock": folder(),
  "tmp/x": "x",
  "dev/null": "",
  "etc/machine-id": "",
  "etc/resolv.conf": "nameserver 192.0.2.1\n",
  "etc/hostname": "",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000:Alice:/home/alice:/bin/bash\n",
  "etc/group": "root:x:0:\nalice:x:1000:\n",
  "etc/passwd-": "root:x:0:",
  "etc/ssh/ssh_host_rsa_key": "key",
  "usr/sbin/policy-rc.d": "exit 101",
};

function subjectFor(tree: Tree): Subject {
  return { ...subjectOf({}, { hasXattrs: false }), view: new TreeView(tree) };
}

async function lintTree(tree: Tree): Promise<LintReport> {
  return await lintRoot(subjectFor(tree));
}

function failed({ results }: LintReport): string[] {
  return results.filter(({ outcome }) => outcome === "failed").map(({ lint }) => lint.name);
}

describe("a tree", () => {
  test("is mended by what the lints propose", async () => {
    const broken = treeOf(brokenRoot);
    const { subject } = await mendRoot(subjectFor(broken));

    expect(failed(await lintTree(broken)).length).toBeGreaterThan(10);
    expect(failed(await lintTree(subject.view.tree))).toEqual([]);
  });

  test("is mended by nothing that was skipped", async () => {
    const { steps } = await mendRoot(subjectFor(treeOf(brokenRoot)), {
      skip: ["machine-id"],
      only: "debkiln",
    });

    expect(steps.map(({ lint }) => lint)).toEqual([
      "one-kernel",
      "build-leftovers",
      "dpkg-location",
      "home-links",
      "nonempty-api-directories",
      "resolv-conf",
      "ssh-host-keys",
    ]);
  });

  test("stays as it is without repairs", () => {
    const tree = treeOf(goodRoot);

    expect(mendTree(tree, [])).toEqual(tree);
  });

  test("keeps a file when its first name is taken away or moved", () => {
    const tree = treeOf({ "a/x": "text", "b/y": hardLink("a/x"), "b/z": hardLink("a/x") });

    const removed = mendTree(tree, [{ do: "remove", path: "a" }]);
    expect(removed.get("b/y")).toMatchObject({ type: "file", sizeBytes: 4 });
    expect(removed.get("b/z")).toMatchObject({ type: "link", target: "b/y" });
    const moved = mendTree(tree, [{ do: "move", path: "a", to: "c/d" }]);
    expect(moved.get("c/d/x")).toMatchObject({ type: "file", path: "c/d/x" });
    expect(moved.get("b/y")).toMatchObject({ type: "link", target: "c/d/x" });
    expect(moved.get("c")?.type).toBe("directory");
  });
});

describe("a directory", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test("is mended as a tree is", async () => {
    await unpack(treeOf(brokenRoot), root);
    const { steps } = await mendRoot(subjectFor(await read(root)));

    await mendDirectory(
      root,
      steps.flatMap(({ repairs }) => repairs),
    );

    expect(failed(await lintTree(await read(root)))).toEqual([]);
    expect(await readlink(join(root, "ostree"))).toBe("sysroot/ostree");
    expect(await readFile(join(root, "usr/lib/modules/5.7.2/vmlinuz"), "utf8")).toBe("kernel");
    expect(await readFile(join(root, "usr/share/factory/roothome/.profile"), "utf8")).toBe("umask 022");
    expect((await stat(join(root, "etc/machine-id"))).mode & 0o777).toBe(0o444);
    expect(await readFile(join(root, "var/lib/dpkg/status"), "utf8")).toContain("Package: sudo");
  });

  test("is never left through a link", async () => {
    const outside = join(root, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "keep"), "kept");
    await mkdir(join(root, "inside"));
    await symlink(outside, join(root, "inside/etc"));

    const repairs: Repair[] = [
      { do: "remove", path: "etc/keep" },
      { do: "write", path: "etc/new", mode: 0o644, text: "" },
      { do: "move", path: "a", to: "etc/a" },
      { do: "remove", path: "../outside/keep" },
    ];
    for (const repair of repairs) {
      await expect(mendDirectory(join(root, "inside"), [repair])).rejects.toMatchObject({
        code: "link-in-the-way",
      });
    }
    expect(await readFile(join(outside, "keep"), "utf8")).toBe("kept");
  });

  test("loses nothing that is where something is to be made", async () => {
    await writeFile(join(root, "file"), "mine");

    await mendDirectory(root, [
      { do: "write", path: "file", mode: 0o644, text: "yours" },
      { do: "symlink", path: "file", target: "elsewhere" },
      { do: "directory", path: "file", mode: 0o755 },
    ]);

    expect(await readFile(join(root, "file"), "utf8")).toBe("mine");
  });
});

/** Without owners: tests need no root. */
async function unpack(tree: Tree, root: string): Promise<void> {
  for (const entry of tree.values()) {
    const place = join(root, entry.path);
    await mkdir(entry.type === "directory" ? place : dirname(place), { recursive: true });
    if (entry.type === "symlink") await symlink(entry.target, place);
    if (entry.type === "file" && entry.content.from === "bytes")
      await writeFile(place, entry.content.bytes, { mode: entry.mode });
  }
}

/** As if all belonged to root. */
async function read(root: string): Promise<Tree> {
  const { tree } = await readDirectory(root, new Task(() => {}, []), new AbortController().signal);
  return new Map([...tree].map(([path, entry]) => [path, { ...entry, uid: 0, gid: 0 }] as const));
}
