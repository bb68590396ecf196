import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { compareLayers, imageBytes } from "../../../../src/image/diff/compare-layers.ts";
import { comparePackages } from "../../../../src/image/diff/compare-packages.ts";
import { compareTrees } from "../../../../src/image/diff/compare-trees.ts";
import type { InstalledPackage } from "../../../../src/image/layers/dpkg-status.ts";
import { linkTo } from "../../../../src/image/tree/entry.ts";
import type { Descriptor } from "../../../../src/oci/image-spec.ts";
import type { ReadImage } from "../../../../src/oci/read-image.ts";
import { arbitraryTree, directory, file, symlink, treeOf } from "../tree/arbitrary-tree.ts";

function installed(name: string, version: string, fields: Partial<InstalledPackage> = {}): InstalledPackage {
  return { name, version, architecture: "amd64", source: name, isInstalled: true, ...fields };
}

test("packages are compared by name and architecture, versions as dpkg does", () => {
  const changes = comparePackages(
    [
      installed("apt", "3.0.3"),
      installed("curl", "8.14.1-2+deb13u5"),
      installed("gone", "1"),
      installed("libc6", "2.41", { architecture: "i386" }),
      installed("purged", "1"),
      installed("same", "1"),
      installed("tzdata", "2026b", { source: "tz" }),
    ],
    [
      installed("apt", "3.0.10"),
      installed("curl", "8.14.1-2+deb13u5~bpo1"),
      installed("libc6", "2.41"),
      installed("purged", "1", { isInstalled: false }),
      installed("same", "1"),
      installed("tzdata", "2026c", { source: "tz" }),
    ],
  );

  expect(changes.map(({ name, architecture, direction }) => `${direction} ${name}:${architecture}`)).toEqual([
    "upgraded apt:amd64",
    "downgraded curl:amd64",
    "removed gone:amd64",
    "added libc6:amd64",
    "removed libc6:i386",
    "removed purged:amd64",
    "upgraded tzdata:amd64",
  ]);
  expect(changes.at(-1)).toMatchObject({ before: "2026b", after: "2026c", source: "tz" });
});

describe("trees", () => {
  test("differ in nothing from themselves", () => {
    fc.assert(
      fc.property(arbitraryTree, (tree) => {
        expect(compareTrees(tree, new Map([...tree].toReversed()))).toEqual([]);
      }),
    );
  });

  test("differ in what the paths' entries differ in", () => {
    const capability = { "security.capability": Buffer.from([1]) };
    const before = treeOf([
      file("a", "1"),
      file("b", "1"),
      file("c", "1", { mode: 0o755 }),
      file("d", "1", { xattrs: capability }),
      file("e", "1", { mtime: 1 }),
      symlink("f", "x"),
      file("g", "1"),
      directory("h", { mtime: 1 }),
      file("i", ""),
    ]);
    const after = treeOf([
      file("b", "2"),
      file("c", "1", { mode: 0o4755, uid: 7 }),
      file("d", "1"),
      file("e", "1", { mtime: 2 }),
      symlink("f", "y"),
      symlink("g", "a"),
      directory("h", { mtime: 2 }),
      file("i", ""),
      file("j", ""),
    ]);

    expect(compareTrees(before, after)).toEqual([
      { path: "a", change: "removed", aspects: [] },
      { path: "b", change: "changed", aspects: ["content"] },
      { path: "c", change: "changed", aspects: ["mode", "owner"] },
      { path: "d", change: "changed", aspects: ["xattrs"] },
      { path: "e", change: "changed", aspects: ["time"] },
      { path: "f", change: "changed", aspects: ["target"] },
      { path: "g", change: "changed", aspects: ["type"] },
      { path: "j", change: "added", aspects: [] },
    ]);
  });

  test("do not differ by which of a file's names comes first", () => {
    const one = file("a", "x");
    const other = file("b", "x");

    expect(compareTrees(treeOf([one, linkTo(one, "b")]), treeOf([other, linkTo(other, "a")]))).toEqual([]);
  });
});

const layer = (name: string, size: number): Descriptor => ({
  mediaType: "application/vnd.oci.image.layer.v1.tar+zstd",
  digest: digestOf(name),
  size,
  annotations: { "debkiln.layer": name, "debkiln.components": name },
});
const image = (name: string, layers: readonly Descriptor[]): ReadImage => ({
  descriptor: { mediaType: "", digest: digestOf(`manifest ${name}`), size: 10 },
  manifest: {
    schemaVersion: 2,
    config: { mediaType: "", digest: digestOf(`config ${name}`), size: 100 },
    layers: [...layers],
  },
  config: { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } },
});

describe("layers", () => {
  test("that both have are not fetched, manifest and configuration are", () => {
    const before = image("1", [layer("a", 1000), layer("b", 2000)]);
    const after = image("2", [layer("a", 1000), layer("c", 5000), { ...layer("d", 1), annotations: {} }]);

    expect(compareLayers(before, after)).toEqual({
      kept: 1,
      added: [
        { digest: digestOf("c"), sizeBytes: 5000, name: "c", components: ["c"] },
        { digest: digestOf("d"), sizeBytes: 1, name: null, components: [] },
      ],
      removed: [{ digest: digestOf("b"), sizeBytes: 2000, name: "b", components: ["b"] }],
      fetchBytes: 5001 + 110,
      totalBytes: 6001 + 110,
    });
  });

  test("of the same image cost nothing", () => {
    const one = image("1", [layer("a", 1000), layer("a", 1000)]);

    expect(compareLayers(one, one)).toMatchObject({ kept: 2, added: [], fetchBytes: 0 });
    expect(imageBytes(one)).toBe(1110);
  });
});
