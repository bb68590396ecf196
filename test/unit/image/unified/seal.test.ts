import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { composefsDigests } from "../../../../src/image/composefs/digest.ts";
import { componentsOf } from "../../../../src/image/layers/components.ts";
import { layerEntries } from "../../../../src/image/layers/layer-entries.ts";
import { writeImage } from "../../../../src/image/layers/write-image.ts";
import { treeOfImage } from "../../../../src/image/tree/read-layers.ts";
import type { Tree } from "../../../../src/image/tree/tree.ts";
import { ukifyCommand } from "../../../../src/image/unified/make.ts";
import { placeUnified, splitKernel, stubOf } from "../../../../src/image/unified/seal.ts";
import { compareBytes } from "../../../../src/oci/raw-text.ts";
import { Store } from "../../../../src/store/store.ts";
import { dpkgTree } from "../layers/dpkg-tree.ts";
import { directory, file, symlink } from "../tree/arbitrary-tree.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "debkiln-seal-"));
});
afterEach(async () => {
  await rm(place, { recursive: true });
});

const modules = "usr/lib/modules/6.12";
const system = dpkgTree(
  [
    { name: "linux-image", list: [`/${modules}/vmlinuz`, `/${modules}/kernel/a.ko`] },
    { name: "hello", list: ["/usr/bin/hello", "/usr/bin/hi"] },
  ],
  [
    ...["boot", "run", "sysroot", "-odd"].map((path) => directory(path, { mtime: 77 })),
    file(`${modules}/vmlinuz`, "the kernel"),
    file(`${modules}/initramfs.img`, "the initramfs"),
    file(`${modules}/kernel/a.ko`, "module ".repeat(1000)),
    file("usr/lib/systemd/boot/efi/addonx64.efi.stub", "MZ"),
    file("usr/lib/systemd/boot/efi/linuxx64.efi.stub", "MZ"),
    file("usr/bin/hello", "hello ".repeat(100), { mode: 0o4755, mtime: 5 }),
    { ...file("usr/bin/hi", "", { mode: 0o4755, mtime: 5 }), type: "link", target: "usr/bin/hello" },
    // Made in the image, and newer than what its package brought.
    file("usr/lib/new", "new", { mtime: 1_900_000_000 }),
    symlink("bin", "usr/bin"),
  ],
);

test("the digest of a tree before it is divided into layers is that of the layers", async () => {
  const digests = await composefsDigests(layerEntries(system, await componentsOf(system)));
  const image = await writeImage(
    {
      tree: system,
      config: { architecture: "amd64", os: "linux" },
      annotations: {},
      budget: 8,
      compression: "zstd",
      previous: null,
    },
    { store: new Store(join(place, "store")), signal: new AbortController().signal },
    new Task(() => {}, []),
  );
  const { signal } = new AbortController();
  const flat = await treeOfImage(image.source, image, await mkdtemp(join(place, "flat-")), signal);

  expect(await composefsDigests(inOrder(flat))).toEqual(digests);
  expect(await composefsDigests(inOrder(system))).not.toEqual(digests);
});

function inOrder(tree: Tree) {
  return [...tree.values()].toSorted((a, b) => compareBytes(a.path, b.path));
}

describe("a unified kernel image", () => {
  test("takes the place of kernel and initramfs", () => {
    const { kernel, initramfs, rest } = splitKernel(system, "6.12");
    const made = { digest: kernel.digest, sizeBytes: 4, file: "/made", epoch: 9 };
    const sealed = placeUnified(rest, "6.12", made);

    expect([kernel.path, initramfs.path]).toEqual([`${modules}/vmlinuz`, `${modules}/initramfs.img`]);
    expect([...sealed.keys()].filter((path) => !rest.has(path))).toEqual([
      "boot/EFI",
      "boot/EFI/Linux",
      "boot/EFI/Linux/6.12.efi",
    ]);
    expect(sealed.has(kernel.path) || sealed.has(initramfs.path)).toBe(false);
    expect(sealed.get("boot/EFI/Linux/6.12.efi")).toMatchObject({ mode: 0o644, mtime: 9, sizeBytes: 4 });
  });

  test("leaves the digest that it names as it is", async () => {
    const { rest } = splitKernel(system, "6.12");
    const made = { digest: splitKernel(system, "6.12").kernel.digest, sizeBytes: 4, file: "/made", epoch: 9 };
    const sealed = placeUnified(rest, "6.12", made);
    const before = await composefsDigests(layerEntries(rest, await componentsOf(rest)));
    const withoutBytes = layerEntries(sealed, await componentsOf(sealed)).map((entry) =>
      entry.path.startsWith("boot/EFI/Linux/") ? file(entry.path, "MZ") : entry,
    );

    expect(await composefsDigests(withoutBytes)).toEqual(before);
  });

  test("begins with the stub of the image's machine", () => {
    expect(stubOf(system)).toMatchObject({ efiArchitecture: "x64", stub: { sizeBytes: 2 } });
    expect(() => stubOf(new Map())).toThrow("/usr/lib/systemd/boot/efi has no stub");
  });

  test("is not made without a kernel of its version", () => {
    expect(() => splitKernel(system, "6.13")).toThrow("/usr/lib/modules/6.13/vmlinuz is no file");
  });

  test("is made of parts that are all named", () => {
    const { kernel, initramfs } = splitKernel(system, "6.12");
    const { stub, efiArchitecture } = stubOf(system);
    const parts = {
      version: "6.12",
      kernel,
      initramfs,
      osRelease: stub,
      stub,
      efiArchitecture,
      commandLine: "quiet",
    };

    expect(ukifyCommand(parts).slice(2)).toEqual([
      "--linux=/var/tmp/debkiln-linux",
      "--initrd=/var/tmp/debkiln-initrd",
      "--cmdline=@/var/tmp/debkiln-cmdline",
      "--os-release=@/var/tmp/debkiln-os-release",
      "--stub=/var/tmp/debkiln-stub",
      "--uname=6.12",
      "--efi-arch=x64",
      "--output=/var/tmp/debkiln.efi",
    ]);
  });
});
