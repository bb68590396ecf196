import { describe, expect, test } from "vitest";
import { parseToml } from "../../../../src/base/toml.ts";
import { parseKernelArguments } from "../../../../src/image/lint/bootc/bootc-kargs.ts";
import { pathsOf, planned, textOf } from "./planned.ts";

const forky = ["[debian]", 'suite = "forky"'];
const bootc = (...lines: readonly string[]) => ["[bootc]", ...lines];
const withBootc = ["[[packages]]", 'name = "bootc"'];

describe("the boot stack", () => {
  test("of ostree on trixie: ostree's tools, no boot loader, composefs if it should be there", async () => {
    const plan = await planned([]);

    expect(plan.boot).toEqual({
      backend: "ostree",
      bootloader: "none",
      uki: false,
      kernel: "linux-image-amd64",
      kernelArguments: [],
      dracutModules: ["ostree"],
      hasBootc: false,
    });
    expect(plan.packages.depends).toBe(
      "dracut, e2fsprogs, linux-image-amd64, ostree, ostree-boot, systemd-sysv, udev, zstd",
    );
    expect(textOf(plan, "/usr/lib/ostree/prepare-root.conf")).toBe(
      "[composefs]\nenabled = maybe\n\n[sysroot]\nreadonly = true\n",
    );
    expect(textOf(plan, "/usr/lib/bootc/install/50-image.toml")).toBe(
      '[install]\nbootloader = "none"\n\n[install.filesystem.root]\ntype = "ext4"\n',
    );
  });

  test("of composefs from forky on: systemd-boot, and composefs for certain", async () => {
    const plan = await planned([...forky, ...bootc()]);

    expect(plan.boot).toMatchObject({
      backend: "composefs",
      bootloader: "systemd",
      dracutModules: ["ostree"],
    });
    expect(plan.packages.depends).toContain("systemd-boot");
    expect(textOf(plan, "/usr/lib/ostree/prepare-root.conf")).toContain("enabled = yes\n");
  });

  test("of composefs on trixie needs bootc, which brings its own initramfs module", async () => {
    await expect(planned(bootc())).rejects.toMatchObject({
      code: "backend-unavailable",
      message: expect.stringContaining("nothing in trixie can boot an image of the composefs backend"),
      hint: expect.stringContaining("--backend ostree"),
    });
    const plan = await planned([...withBootc, ...bootc()]);

    expect(plan.boot).toMatchObject({ hasBootc: true, dracutModules: ["bootc"] });
    expect(plan.packages.depends).not.toContain("ostree-boot");
    expect(plan.packages.reasons).toMatchObject({ skopeo: ["boot (bootc install)"] });
  });

  test("says that bootc is missing when it is", async () => {
    expect((await planned([])).notices).toMatchObject([{ name: "without-bootc" }]);
    expect((await planned(withBootc)).notices).toEqual([]);
  });

  test("of GRUB needs bootupd, and says that Debian has none", async () => {
    const plan = await planned(bootc('backend = "ostree"', 'bootloader = "grub"'));

    expect(plan.packages.depends).toContain("bootupd");
    expect(plan.notices.map(({ name }) => name)).toEqual(["without-bootc", "without-bootupd"]);
  });

  test("has a stub for a unified kernel image", async () => {
    const plan = await planned([...forky, ...bootc("uki = true")]);

    expect(plan.boot.uki).toBe(true);
    expect(plan.packages.reasons).toMatchObject({ "systemd-boot-efi": ["bootc.uki"] });
    expect(plan.notices.map(({ name }) => name)).toContain("sealed-without-bootc");
  });

  test.each([
    [
      "systemd-boot with ostree",
      'bootloader = "systemd"',
      "bootc does not install systemd-boot with the ostree backend",
    ],
    ["a unified kernel image with ostree", "uki = true", "unified kernel images need the composefs backend"],
  ])("refuses %s", async (_, line, message) => {
    await expect(planned(bootc('backend = "ostree"', line))).rejects.toMatchObject({
      code: "definition-conflict",
      message: expect.stringContaining(message),
    });
  });

  test("has no systemd-boot where Debian has none", async () => {
    const plan = await planned([...forky, ...bootc()], { architecture: "s390x" });

    expect(plan.boot).toMatchObject({ bootloader: "none", kernel: "linux-image-s390x" });
    await expect(
      planned([...forky, ...bootc('bootloader = "systemd"')], { architecture: "ppc64el" }),
    ).rejects.toMatchObject({ code: "definition-conflict" });
  });

  test("writes an initramfs for any machine, the same each time", async () => {
    const text = textOf(await planned([]), "/usr/lib/dracut/dracut.conf.d/50-image.conf");

    expect(text).toContain('hostonly="no"\nreproducible="yes"\n');
    expect(text).toContain('add_dracutmodules+=" ostree "\n');
    expect(text).toContain('omit_dracutmodules+=" network-manager plymouth i18n "\n');
  });

  test("has the boot splash and the keyboard in the initramfs when the image has them", async () => {
    const plan = await planned([
      "[[packages]]",
      'name = "plymouth"',
      "[customizations.locale]",
      'keyboard = "de"',
    ]);

    expect(textOf(plan, "/usr/lib/dracut/dracut.conf.d/50-image.conf")).toContain(
      'omit_dracutmodules+=" network-manager "\n',
    );
  });

  test.each(["ext4", "xfs", "btrfs"])("has the tools of the root file system %s", async (type) => {
    const plan = await planned(bootc('backend = "ostree"', `install.filesystem.root.type = "${type}"`));
    const tools = { ext4: "e2fsprogs", xfs: "xfsprogs", btrfs: "btrfs-progs" }[type];

    expect(plan.packages.reasons[tools ?? ""]).toEqual(["bootc.install.filesystem.root.type"]);
  });
});

describe("the installation's configuration", () => {
  test("has every key of bootc's, as bootc spells them", async () => {
    const install = {
      filesystem: { root: { type: "xfs" } },
      kargs: ["nosmt"],
      "karg-deletes": ["quiet"],
      block: ["direct", "tpm2-luks"],
      "match-architectures": ["x86_64", "aarch64"],
      stateroot: "mine",
      "root-mount-spec": "LABEL=root",
      "boot-mount-spec": "",
      "discoverable-partitions": true,
      "enforce-container-sigpolicy": true,
      ostree: { "bls-append-except-default": 'grub_users=""' },
      bootupd: { "skip-boot-uuid": true },
    };
    const lines = Object.entries(install).map(([key, value]) => `install.${key} = ${toml(value)}`);
    const text = textOf(
      await planned(bootc('backend = "ostree"', ...lines)),
      "/usr/lib/bootc/install/50-image.toml",
    );

    expect(parseToml(text ?? "", "install.toml").values).toEqual({
      install: { ...install, bootloader: "none" },
    });
  });
});

describe("kernel arguments", () => {
  test("are those of the kernel and of bootc, in one file, as bootc's lint reads it", async () => {
    const plan = await planned([
      "[customizations.kernel]",
      `append = 'console=tty0  dyndbg="file a +p" quiet'`,
      ...bootc('backend = "ostree"', 'kargs = ["nosmt"]'),
    ]);
    const text = textOf(plan, "/usr/lib/bootc/kargs.d/10-image.toml") ?? "";

    expect(parseKernelArguments("10-image.toml", text)).toEqual({
      kargs: ["console=tty0", 'dyndbg="file a +p"', "quiet", "nosmt"],
    });
    expect(plan.boot.kernelArguments).toEqual(["console=tty0", 'dyndbg="file a +p"', "quiet", "nosmt"]);
  });

  test("of some architectures go into files of their own, by bootc's names of them", async () => {
    const lines = [
      ...bootc('backend = "ostree"'),
      "[[bootc.kargs_d]]",
      'name = "20-serial"',
      'kargs = ["console=ttyS0"]',
      'match-architectures = ["x86_64"]',
      "[[bootc.kargs_d]]",
      'name = "30-all"',
      'kargs = ["panic=10"]',
    ];
    const [amd64, arm64] = [await planned(lines), await planned(lines, { architecture: "arm64" })];

    expect(amd64.boot.kernelArguments).toEqual(["console=ttyS0", "panic=10"]);
    expect(arm64.boot.kernelArguments).toEqual(["panic=10"]);
    for (const plan of [amd64, arm64]) {
      expect(parseKernelArguments("a", textOf(plan, "/usr/lib/bootc/kargs.d/20-serial.toml") ?? "")).toEqual({
        kargs: ["console=ttyS0"],
        "match-architectures": ["x86_64"],
      });
    }
    expect(pathsOf(amd64)).not.toContain("/usr/lib/bootc/kargs.d/10-image.toml");
  });

  test.each([
    [
      "Debian's name of an architecture",
      ["[[bootc.kargs_d]]", 'name = "a"', 'kargs = ["x"]', 'match-architectures = ["amd64"]'],
      "expected an architecture as bootc has them",
    ],
    ["two arguments in one", ["[bootc]", 'kargs = ["a b"]'], "expected one kernel argument"],
    ["an open quote", ["[customizations.kernel]", `append = 'a="b c'`], "a quote that is not closed"],
  ])("are refused with %s", async (_, lines, message) => {
    await expect(planned(lines)).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });

  test.each(["10-image", "20-mine"])("are refused with two files %s", async (name) => {
    const file = ["[[bootc.kargs_d]]", `name = "${name}"`, 'kargs = ["x"]'];

    await expect(planned([...bootc('backend = "ostree"'), ...file, ...file])).rejects.toMatchObject({
      code: "definition-conflict",
      message: expect.stringContaining(`two files ${name}.toml`),
    });
  });
});

describe("the kernel", () => {
  test.each([
    ["amd64", "generic", "linux-image-amd64"],
    ["amd64", "cloud", "linux-image-cloud-amd64"],
    ["amd64", "rt", "linux-image-rt-amd64"],
    ["arm64", "cloud", "linux-image-cloud-arm64"],
    ["ppc64el", "generic", "linux-image-powerpc64le"],
    ["amd64", "linux-image-6.12.107+deb13-amd64", "linux-image-6.12.107+deb13-amd64"],
    ["amd64", "vendor-kernel-6", "vendor-kernel-6"],
  ])("on %s, %s is the package %s", async (architecture, name, kernel) => {
    expect((await planned(named(name), { architecture })).boot.kernel).toBe(kernel);
  });

  test("is the one among the packages when nothing else names one", async () => {
    const plan = await planned(
      listed("linux-image-cloud-amd64", "linux-image-cloud-amd64-dbg", "linux-headers-amd64"),
    );

    expect(plan.boot.kernel).toBe("linux-image-cloud-amd64");
    expect(plan.packages.reasons["linux-image-amd64"]).toBeUndefined();
  });

  test.each([
    ["two among the packages", listed("linux-image-amd64", "linux-image-cloud-amd64")],
    ["one among the packages and another named", [...listed("linux-image-amd64"), ...named("cloud")]],
  ])("is refused when there are %s", async (_, lines) => {
    await expect(planned(lines)).rejects.toMatchObject({
      code: "two-kernels",
      message: expect.stringMatching(/image\.toml:\d+: the image would have two kernels/),
    });
  });

  test.each([
    ["none", named("")],
    ["a misspelt flavour", named("clod")],
  ])("is refused when it is %s", async (_, lines) => {
    await expect(planned(lines)).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("expected generic, cloud, rt or the name of a kernel's package"),
    });
  });

  test("is refused when the architecture has none of that kind", async () => {
    await expect(planned(named("cloud"), { architecture: "riscv64" })).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("Debian has no cloud kernel for riscv64"),
      hint: "There is: generic.",
    });
  });

  test("is refused for architectures of which there are no bootc images", async () => {
    await expect(planned([], { architecture: "i386" })).rejects.toMatchObject({ code: "image-architecture" });
  });
});

function toml(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key} = ${toml(each)}`)
    .join(", ")} }`;
}

function named(name: string): string[] {
  return ["[customizations.kernel]", `name = "${name}"`];
}

function listed(...names: readonly string[]): string[] {
  return names.flatMap((name) => ["[[packages]]", `name = "${name}"`]);
}
