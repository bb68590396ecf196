import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Task } from "../../src/base/event.ts";
import { type WrittenImage, writeImage } from "../../src/image/layers/write-image.ts";
import { loadImage, saveImage } from "../../src/image/save.ts";
import { linkTo } from "../../src/image/tree/entry.ts";
import { treeOfTar } from "../../src/image/tree/read-tar.ts";
import type { Tree, TreeEntry } from "../../src/image/tree/tree.ts";
import { subtree } from "../../src/image/tree/view.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { Store } from "../../src/store/store.ts";
import { directory, file, symlink, treeOf } from "../unit/image/tree/arbitrary-tree.ts";
import { essence } from "../unit/image/tree/essence.ts";
import { dpkgTree } from "../unit/image/layers/dpkg-tree.ts";
import { connect, describeEngines } from "./engines.ts";
import { createContainer, uniqueName } from "./test-image.ts";

const run = promisify(execFile);
const task = new Task(() => {}, []);
const { signal } = new AbortController();

/** cap_net_raw=ep (capabilities(7), VFS_CAP_REVISION_2). */
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");

const owned = file("judged/usr/bin/owned", "owned", { mode: 0o4755, uid: 1000, gid: 42 });
const large = Buffer.alloc(2 << 20, "layers ");

/** What engines are to make of layers, to the letter: of several packages, so that it is in several layers. */
const judged: readonly TreeEntry[] = [
  owned,
  linkTo(owned, "judged/usr/bin/second-name"),
  file("judged/usr/bin/ping", "ping", { mode: 0o755, xattrs: { "security.capability": capability } }),
  file("judged/usr/bin/wall", "wall", { mode: 0o2755, gid: 5 }),
  file("judged/usr/bin/secret", "", { mode: 0 }),
  file("judged/usr/lib/large", large, { mtime: 1 }),
  file(`judged/${"deep/".repeat(30)}${"n".repeat(100)}`, "deep"),
  file("judged/é 漢", "name", { mtime: 5_000_000_000 }),
  symlink("judged/bin", "usr/bin"),
  symlink("judged/dangling", `../${"long/".repeat(40)}nowhere`),
  directory("judged/tmp", { mode: 0o1777 }),
  directory("judged/var/empty", { mode: 0o700, uid: 33, gid: 33 }),
];

const packages = [
  { name: "first", list: ["/judged/usr/bin/owned", "/judged/usr/bin/ping", "/judged/var/empty"] },
  { name: "second", list: ["/judged/usr/lib/large", "/judged/bin"] },
  { name: "third", list: ["/judged/usr/bin/wall", "/judged/usr/bin/secret"] },
];

/** This machine's GNU tar, a shell, and what they are linked with. */
async function judge(): Promise<TreeEntry[]> {
  const { stdout } = await run("ldd", ["/bin/tar"]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  const programs = [...libraries, "/bin/tar", "/bin/busybox"].map(async (path) =>
    file(path.slice(1), await readFile(await realpath(path)), { mode: 0o755 }),
  );
  const applets = ["sh", "sleep"].map((name) => symlink(`bin/${name}`, "busybox"));
  return [
    ...(await Promise.all(programs)),
    ...applets,
    ...["proc", "dev", "sys"].map((path) => directory(path)),
  ];
}

describeEngines("An image's layers", (tested) => {
  let place: string;
  let tree: Tree;
  let image: WrittenImage;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "debkiln-layers-"));
    tree = new Map([...dpkgTree(packages, []), ...treeOf([...judged, ...(await judge())])]);
    await using engine = await connect(tested);
    const { architecture } = await engine.about();
    image = await writeImage(
      {
        tree,
        config: { architecture, os: "linux", created: "2026-01-01T00:00:00Z" },
        annotations: {},
        budget: 20,
        compression: "zstd",
        previous: null,
      },
      { store: new Store(join(place, "store")), signal },
      task,
    );
  });
  afterAll(async () => {
    await rm(place, { recursive: true });
  });

  test("come out of the engine as the tree that went in", async () => {
    await using engine = await connect(tested);
    const reference = `localhost/${uniqueName()}:image`;
    const saved = { source: image.source, image: image.descriptor };
    await loadImage(saved, parseReference(reference), engine, task, signal);
    const output = new PassThrough();
    let found: Tree;
    {
      await using container = await createContainer(engine, reference);
      const argv = [
        "/bin/tar",
        "--create",
        "--format=pax",
        "--xattrs",
        "--xattrs-include=*",
        "--directory=/",
        "judged",
      ];
      const reading = treeOfTar(output, join(place, "found.tar"));
      const { exitCode } = await container.run(argv, { stdout: output });
      output.end();
      found = await reading;
      expect(exitCode).toBe(0);
    }
    await engine.removeImage(reference);

    expect(image.layers.length).toBeGreaterThan(2);
    expect(await essence(subtree(found, "judged"))).toEqual(await essence(subtree(tree, "judged")));
  });

  test("are taken by skopeo, which checks every digest", async () => {
    const layout = join(place, "image.oci");
    const saved = { source: image.source, image: image.descriptor };
    await saveImage(saved, { kind: "layout", directory: layout, name: "judged" }, task, signal);

    await run("skopeo", [
      "copy",
      "--quiet",
      `oci:${layout}:judged`,
      `oci-archive:${join(place, "copy.tar")}`,
    ]);

    const copied: string[] = [];
    for await (const chunk of createReadStream(join(place, "copy.tar"), { encoding: "latin1" }))
      copied.push(String(chunk));
    const text = copied.join("");
    for (const { descriptor } of image.layers)
      expect(text).toContain(descriptor.digest.slice("sha256:".length));
  });
});
