import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { compareTrees } from "../../../../src/image/diff/compare-trees.ts";
import { layerBetween } from "../../../../src/image/lint/mend-image.ts";
import { mendOpened, parseMendedPlace } from "../../../../src/image/lint/mend-opened.ts";
import { type Opened, openSubject } from "../../../../src/image/lint/open-subject.ts";
import type { Subject } from "../../../../src/image/lint/lint.ts";
import { lintRoot } from "../../../../src/image/lint/run.ts";
import { LayerContent, applyLayer } from "../../../../src/image/tree/apply-layer.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { TreeView } from "../../../../src/image/tree/view.ts";
import { tarOfEntries } from "../../../../src/image/tree/write-tar.ts";
import { indexTar } from "../../../../src/oci/tar-index.ts";
import { readImage } from "../../../../src/oci/read-image.ts";
import { Store } from "../../../../src/store/store.ts";
import { arbitraryTree } from "../tree/arbitrary-tree.ts";
import { goodRoot } from "./good-root.ts";
import { imageOfTrees } from "./image-fixture.ts";
import { directory as folder, file, hardLink, subjectOf, symlink, treeOf } from "./root.ts";

const signal = new AbortController().signal;
const task = new Task(() => {}, []);

async function withLayer(before: Tree, after: Tree): Promise<Tree> {
  const content = new LayerContent("nowhere");
  for await (const member of indexTar(tarOfEntries(layerBetween(before, after)))) content.add(member);
  return applyLayer(before, content);
}

describe("the layer between two trees", () => {
  test("makes the one the other", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryTree, arbitraryTree, async (before, after) => {
        expect(compareTrees(await withLayer(before, after), after)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("replaces, moves and keeps what has several names", async () => {
    const before = treeOf({
      "var/lib/dpkg/status": "status",
      "etc/a": "a",
      "etc/b": hardLink("etc/a"),
      "run/x/y/z": "",
      "usr/bin/su": file("su", { mode: 0o4755 }),
    });
    const after = treeOf({
      "usr/lib/dpkg/status": "status",
      "var/lib/dpkg": symlink("../../usr/lib/dpkg"),
      "etc/b": "a",
      run: folder(),
      "usr/bin/su": file("su", { mode: 0o755 }),
    });

    expect(compareTrees(await withLayer(before, after), after)).toEqual([]);
    expect(layerBetween(before, after).map(({ path }) => path)).toEqual([
      "etc",
      "etc/.wh.a",
      "run",
      "run/.wh.x",
      "usr",
      "usr/bin",
      "usr/bin/su",
      "usr/lib",
      "usr/lib/dpkg",
      "usr/lib/dpkg/status",
      "var",
      "var/lib",
      "var/lib/dpkg",
    ]);
  });

  test("is empty between equal trees", () => {
    expect(layerBetween(treeOf(goodRoot), treeOf(goodRoot))).toEqual([]);
  });
});

describe("an image", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test("is mended into another that passes all lints, and has the same layers but for one", async () => {
    const opened = await brokenImage();
    const place = join(directory, "mended.oci");

    const { steps } = await mendOpened(
      {
        place: "broken",
        opened,
        subject: subjectFor(opened),
        options: {},
        output: parseMendedPlace(`${place}:fixed`),
        store: new Store(join(directory, "store")),
      },
      task,
      signal,
    );

    expect(steps.map(({ lint }) => lint)).toEqual(
      ["bootable-label", "etc-usretc", "machine-id", "ssh-host-keys"].toSorted(),
    );
    const mended = await open(`${place}:fixed`);
    const { results } = await lintRoot(subjectFor(mended));
    expect(results.filter(({ outcome }) => outcome !== "passed").map(({ lint }) => lint.name)).toEqual([]);
    const digests = mended.image?.manifest.layers.map(({ digest }) => digest);
    expect(digests?.slice(0, -1)).toEqual(opened.image?.manifest.layers.map(({ digest }) => digest));
    expect(mended.config?.config?.Labels).toEqual({ "containers.bootc": "1", kept: "yes" });
  });

  test.each([
    ["without a place", "image", null, "An image is never changed"],
    ["of a directory elsewhere", "directory", "x.oci", "A directory is mended in place"],
    ["of a tar", "tar", null, "server is a tar"],
  ] as const)("is not mended %s", async (_, kind, output, message) => {
    const opened = { kind, tree: treeOf({}), config: null, hasXattrs: true, image: null };
    const request = {
      place: "server",
      opened,
      subject: subjectOf({}),
      options: {},
      store: new Store(directory),
    };
    const promise = mendOpened(
      { ...request, output: output === null ? null : parseMendedPlace(output) },
      task,
      signal,
    );

    await expect(promise).rejects.toMatchObject({ code: "not-mendable", message });
  });

  async function open(text: string): Promise<Opened> {
    const scratch = await mkdtemp(join(directory, "scratch-"));
    return await openSubject(text, {
      scratch,
      platform: null,
      connect: unasked,
      registry: unasked,
      task,
      signal,
    });
  }
});

function subjectFor({ tree, config }: Opened): Subject {
  return { ...subjectOf({}), view: new TreeView(tree), config };
}

async function brokenImage(): Promise<Opened> {
  const bad = treeOf({
    ...goodRoot,
    "etc/machine-id": "",
    "etc/ssh/ssh_host_rsa_key": "key",
    "usr/etc": folder(),
  });
  const { source, image: descriptor } = await imageOfTrees([bad], { kept: "yes" });
  const image = await readImage(source, descriptor);
  return { kind: "image", tree: bad, config: image.config, hasXattrs: true, image: { ...image, source } };
}

function unasked(): Promise<never> {
  return Promise.reject(new Error("nobody is to ask for this"));
}
