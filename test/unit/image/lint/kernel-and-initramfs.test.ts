import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { initramfs } from "../../../../src/image/lint/debkiln/initramfs.ts";
import { unifiedKernel } from "../../../../src/image/lint/debkiln/unified-kernel.ts";
import { oneKernel } from "../../../../src/image/lint/debkiln/one-kernel.ts";
import { cpioOf, type Members } from "../initramfs/cpio-fixture.ts";
import { peOf } from "../initramfs/pe-fixture.ts";
import { textOf } from "./check.ts";
import { goodInitramfs, goodRoot } from "./good-root.ts";
import { symlink, without } from "./root.ts";

const modules = "usr/lib/modules/5.7.2";
const uki = "boot/EFI/Linux/5.7.2.efi";

describe("one-kernel", () => {
  test("wants a kernel, and says where one lies in vain", async () => {
    const none = without(goodRoot, `${modules}/vmlinuz`);

    expect(await textOf(oneKernel, none)).toBe("No kernel: there is no /usr/lib/modules/VERSION/vmlinuz");
    expect(await textOf(oneKernel, { ...none, "boot/vmlinuz-6.1": "kernel" })).toBe(
      "No kernel: there is no /usr/lib/modules/VERSION/vmlinuz, only /boot/vmlinuz-6.1",
    );
  });

  test("wants no second one", async () => {
    expect(await textOf(oneKernel, { ...goodRoot, "usr/lib/modules/6.3.1/vmlinuz": "kernel" })).toBe(
      "Found more than one kernel:\n  5.7.2\n  6.3.1\n",
    );
  });

  test("takes a unified kernel image for the kernel of its name", async () => {
    expect(await textOf(oneKernel, { ...goodRoot, [uki]: "kernel" })).toBeNull();
    expect(await textOf(oneKernel, { [uki]: "kernel" })).toBeNull();
    expect(await textOf(oneKernel, { ...goodRoot, "boot/EFI/Linux/6.1.efi": "kernel" })).toBe(
      "Found more than one kernel:\n  5.7.2\n  6.1\n",
    );
  });

  test("wants it to be something", async () => {
    expect(await textOf(oneKernel, { ...goodRoot, [`${modules}/vmlinuz`]: "" })).toMatch(
      /^The kernel is no file/,
    );
  });
});

describe("initramfs", () => {
  const { init: _init, ...withoutInit } = goodInitramfs;
  const path = `${modules}/initramfs.img`;
  const has = (members: Members, more = {}) => ({ ...goodRoot, [path]: cpioOf(members), ...more });
  const says = (fault: string) => `Found faults in /${path}:\n  ${fault}\n`;

  test("takes one of ostree's for either backend, compressed or not", async () => {
    const packed = { ...goodRoot, [path]: gzipSync(cpioOf(goodInitramfs)) };

    expect(await textOf(initramfs, packed)).toBeNull();
    expect(await textOf(initramfs, goodRoot, { backend: "ostree" })).toBeNull();
    expect(await textOf(initramfs, goodRoot, { backend: "composefs" })).toBeNull();
  });

  test("takes one of bootc's for composefs only", async () => {
    const members = {
      init: "init",
      "usr/lib/bootc/initramfs-setup": "program",
      "usr/lib/systemd/system/initrd-root-fs.target.wants/bootc-root-setup.service": { link: "x" },
    };

    expect(await textOf(initramfs, has(members), { backend: "composefs" })).toBeNull();
    expect(await textOf(initramfs, has(members))).toBeNull();
    expect(await textOf(initramfs, has(members), { backend: "ostree" })).toBe(
      says("it does not boot ostree backend: it has no /usr/lib/ostree/ostree-prepare-root"),
    );
  });

  test("wants it beside the kernel, with something in it", async () => {
    const message = `No initramfs: there is no file /${path} with anything in it`;

    expect(await textOf(initramfs, without(goodRoot, path))).toBe(message);
    expect(await textOf(initramfs, { ...goodRoot, [path]: "" })).toBe(message);
    expect(await textOf(initramfs, { ...goodRoot, [path]: symlink("nowhere") })).toBe(message);
  });

  test("wants none where a unified kernel image has one, or where there is no kernel", async () => {
    expect(await textOf(initramfs, { ...without(goodRoot, path), [uki]: "kernel" })).toBeNull();
    expect(await textOf(initramfs, without(goodRoot, modules))).toBeNull();
  });

  test("cannot read what is none", async () => {
    await expect(textOf(initramfs, { ...goodRoot, [path]: "nonsense" })).rejects.toThrow(
      "The initramfs cannot be read",
    );
  });

  test.each([
    [
      "one for other kernels",
      { ...lacking("/modules/"), "lib/modules/6.1/kernel/fs/erofs/erofs.ko": "" },
      "it is for the kernel 6.1, not 5.7.2",
    ],
    ["one without /init", withoutInit, "it has no /init"],
    [
      "one that dracut made for an ordinary system",
      lacking("ostree"),
      "it does not boot any backend: it has neither /usr/lib/bootc/initramfs-setup nor /usr/lib/ostree/ostree-prepare-root",
    ],
    [
      "one whose unit nothing starts",
      lacking(".service"),
      "nothing starts ostree-prepare-root.service: its link in initrd-root-fs.target.wants is missing",
    ],
    ["one without configuration", lacking(".conf"), "it has no copy of /usr/lib/ostree/prepare-root.conf"],
    [
      "one with other configuration",
      { ...goodInitramfs, "usr/lib/ostree/prepare-root.conf": "[composefs]\n" },
      "its copy of /usr/lib/ostree/prepare-root.conf is another than the image's",
    ],
    [
      "one without erofs",
      lacking("erofs"),
      "it lacks the module erofs, without which composefs cannot be mounted",
    ],
  ])("refuses %s", async (_, members, fault) => {
    expect(await textOf(initramfs, has(members))).toBe(says(fault));
  });

  test("wants no module where composefs need not be on", async () => {
    const conf = "[composefs]\nenabled=maybe\n";
    const members = { ...lacking("erofs"), "usr/lib/ostree/prepare-root.conf": conf };

    expect(await textOf(initramfs, has(members, { "usr/lib/ostree/prepare-root.conf": conf }))).toBeNull();
  });
});

describe("unified-kernel", () => {
  const sections = {
    ".linux": "kernel",
    ".initrd": gzipSync(cpioOf(goodInitramfs)),
    ".cmdline": "quiet composefs=0123456789abcdef\n\0\0",
    ".uname": "5.7.2",
  };
  const says = async (change: Readonly<Record<string, string | Uint8Array | null>>) => {
    const all = Object.entries({ ...sections, ...change }).flatMap(([name, content]) =>
      content === null ? [] : [[name, content] as const],
    );
    return await textOf(unifiedKernel, { ...goodRoot, [uki]: peOf(Object.fromEntries(all)) });
  };

  test("takes a whole one, and none", async () => {
    expect(await says({})).toBeNull();
    expect(await textOf(unifiedKernel, goodRoot)).toBeNull();
  });

  test.each([
    [{ ".linux": null }, "it has no kernel"],
    [{ ".initrd": null }, "it has no initramfs"],
    [{ ".uname": "6.1" }, "it is of the kernel 6.1"],
    [{ ".cmdline": "quiet" }, "its command line has no composefs="],
    [{ ".cmdline": null }, "its command line has no composefs="],
    [
      { ".initrd": cpioOf(lacking("erofs")) },
      "of its initramfs: it lacks the module erofs, without which composefs cannot be mounted",
    ],
  ])("names what is wrong with %o", async (change, fault) => {
    expect(await says(change)).toBe(`Found faults in unified kernel images:\n  /${uki} (${fault})\n`);
  });

  test("cannot read what is none", async () => {
    await expect(textOf(unifiedKernel, { ...goodRoot, [uki]: "text" })).rejects.toThrow("no EFI executable");
  });
});

/** The good initramfs without what has such a name. */
function lacking(name: string): Members {
  return Object.fromEntries(Object.entries(goodInitramfs).filter(([member]) => !member.includes(name)));
}
