import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { kernelVersion, placeInitramfs, takeKernel } from "../../../../src/image/finish/kernel.ts";
import { directory, hardLink, symlink, treeOf } from "../lint/root.ts";
import { apply, epoch, failureOf, pathsOf, textOf } from "./finishing.ts";

const bytes = Buffer.from("initramfs");
const initramfs = {
  content: { from: "bytes", bytes },
  sizeBytes: bytes.length,
  digest: digestOf(bytes),
} as const;

describe("the kernel", () => {
  test("goes from /boot to its modules, with its configuration (trixie)", () => {
    const { tree, notes } = apply(takeKernel, {
      "boot/vmlinuz-6.12.1-cloud-amd64": "kernel",
      "boot/config-6.12.1-cloud-amd64": "config",
      "boot/System.map-6.12.1-cloud-amd64": "ffffffffffffffff B The real System.map is in the -dbg package",
      "boot/initrd.img-6.12.1-cloud-amd64": "of installation",
      "usr/lib/modules/6.12.1-cloud-amd64/modules.dep": "",
      vmlinuz: symlink("boot/vmlinuz-6.12.1-cloud-amd64"),
      "vmlinuz.old": symlink("boot/vmlinuz-6.12.1-cloud-amd64"),
      "initrd.img": symlink("boot/initrd.img-6.12.1-cloud-amd64"),
    });

    expect(pathsOf(tree)).toEqual([
      "boot",
      "usr",
      "usr/lib",
      "usr/lib/modules",
      "usr/lib/modules/6.12.1-cloud-amd64",
      "usr/lib/modules/6.12.1-cloud-amd64/config",
      "usr/lib/modules/6.12.1-cloud-amd64/modules.dep",
      "usr/lib/modules/6.12.1-cloud-amd64/vmlinuz",
    ]);
    expect(textOf(tree, "usr/lib/modules/6.12.1-cloud-amd64/vmlinuz")).toBe("kernel");
    expect(notes.flatMap(({ paths }) => paths)).toContain("/boot/initrd.img-6.12.1-cloud-amd64");
  });

  test.each(["boot", "modules"])(
    "stays where its package has it, whichever name comes first: %s (forky)",
    (first) => {
      const [inBoot, inModules] = ["boot/vmlinuz-7.2", "usr/lib/modules/7.2/vmlinuz"];
      const { tree } = apply(takeKernel, {
        ...(first === "boot"
          ? { [inBoot]: "kernel", [inModules]: hardLink(inBoot) }
          : { [inModules]: "kernel", [inBoot]: hardLink(inModules) }),
        "usr/lib/modules/7.2/config": "config",
        "boot/config-7.2": hardLink("usr/lib/modules/7.2/config"),
      });

      expect(textOf(tree, inModules)).toBe("kernel");
      expect(textOf(tree, "usr/lib/modules/7.2/config")).toBe("config");
      expect(pathsOf(tree).filter((path) => path.startsWith("boot"))).toEqual(["boot"]);
    },
  );

  test("has the initramfs beside it", () => {
    const pieces = { "usr/lib/modules/7.2/modules.dep": "", "usr/lib/modules/7.2/vmlinuz": "" };

    const tree = placeInitramfs(treeOf(pieces), initramfs, { epoch });

    expect(tree.get("usr/lib/modules/7.2/initramfs.img")).toMatchObject({
      type: "file",
      mode: 0o600,
      mtime: epoch,
    });
    expect([...tree.keys()].slice(-3).map((path) => path.split("/").at(-1))).toEqual([
      "initramfs.img",
      "modules.dep",
      "vmlinuz",
    ]);
  });

  test("must be there", () => {
    const failure = failureOf(() =>
      apply(takeKernel, { "usr/lib/modules/7.2/modules.dep": "", "boot/vmlinuz-7.2": directory() }),
    );

    expect(failure).toMatchObject({ code: "no-kernel", fault: "usage" });
    expect(failure.hint).toContain("customizations.kernel.name");
  });

  test("must be the only one, wherever the others are", () => {
    const pieces = { "usr/lib/modules/7.2/vmlinuz": "", "boot/vmlinuz-6.12": "" };
    const owners = new Map([["boot/vmlinuz-6.12", { name: "linux-image-6.12", architecture: "amd64" }]]);
    const failure = failureOf(() => apply(takeKernel, pieces, {}, { owners }));

    expect(failure).toMatchObject({ code: "two-kernels", fault: "usage" });
    expect(failure.message).toBe("The image has more than one kernel: 6.12 (linux-image-6.12), 7.2");
    expect(failureOf(() => kernelVersion(treeOf(pieces))).message).toContain("6.12, 7.2");
  });
});
