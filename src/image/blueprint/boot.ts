import { formatToml } from "../../base/toml.ts";
import type { BootPlan, Notice } from "../plan.ts";
import { kernelArguments } from "./kernel-arguments.ts";
import { kernelPackage } from "./kernel.ts";
import type { Machine } from "./machine.ts";
import { type Part, lines, textFile, wanted } from "./part.ts";
import { problem } from "./problem.ts";
import type { Definition } from "./read.ts";
import { hasComposefs } from "./suites.ts";

/**
 * What an image boots by: packages and configuration of kernel, initramfs, backend and boot loader, by what the suite has.
 * @throws Failure backend-unavailable, definition-conflict, two-kernels (usage).
 */
export function bootPart(
  definition: Definition,
  machine: Machine,
  suiteName: string,
): Part & { readonly boot: BootPlan } {
  const { blueprint } = definition;
  const { backend, uki, install } = blueprint.bootc;
  const hasBootc = listedNames(definition).has("bootc");
  const bootloader = bootloaderOf(definition, machine);
  checkBackend(definition, suiteName, hasBootc);
  const kernel = kernelPackage(definition, machine);
  const kargs = kernelArguments(definition, machine);
  const ostree = backend === "ostree" || hasComposefs(suiteName);
  const dracutModules = [...(ostree ? ["ostree"] : []), ...(hasBootc ? ["bootc"] : [])];
  const root = install.filesystem.root.type;
  return {
    boot: { backend, bootloader, uki, kernel, kernelArguments: kargs.list, dracutModules, hasBootc },
    packages: [
      ...wanted("customizations.kernel", kernel),
      ...wanted("boot", "systemd-sysv", "udev", "dracut", "zstd"),
      ...wanted("bootc.backend", ...(ostree ? ["ostree", "ostree-boot"] : [])),
      ...wanted("bootc.bootloader", ...loaderPackages(bootloader, machine)),
      ...wanted("bootc.uki", ...(uki ? ["systemd-boot-efi"] : [])),
      ...wanted("bootc.install.filesystem.root.type", ...rootTools[root]),
      ...wanted("boot (bootc install)", ...(hasBootc ? ["dosfstools", "fdisk", "skopeo"] : [])),
    ],
    entries: [
      textFile("/usr/lib/ostree/prepare-root.conf", prepareRoot(backend), "bootc.backend"),
      textFile(
        "/usr/lib/dracut/dracut.conf.d/50-image.conf",
        dracutConfiguration(definition, dracutModules),
        "boot",
      ),
      textFile(
        "/usr/lib/bootc/install/50-image.toml",
        formatToml({ install: { ...install, bootloader } }),
        "bootc.install",
      ),
      ...kargs.entries,
    ],
    notices: [
      ...(hasBootc ? [] : [withoutBootc]),
      ...(uki && !hasBootc ? [sealedWithoutBootc] : []),
      ...(bootloader === "grub" ? [withGrub] : []),
    ],
  };
}

function bootloaderOf(definition: Definition, machine: Machine): BootPlan["bootloader"] {
  const { blueprint, place } = definition;
  const { backend, uki } = blueprint.bootc;
  const usual = backend === "composefs" && machine.hasSystemdBoot ? "systemd" : "none";
  const bootloader = blueprint.bootc.bootloader ?? usual;
  const conflict = (key: string, message: string, hint: string) =>
    problem(place, ["bootc", key], { code: "definition-conflict", message, hint });
  if (backend === "ostree" && bootloader === "systemd") {
    throw conflict(
      "bootloader",
      "bootc does not install systemd-boot with the ostree backend",
      "Choose the composefs backend, or leave bootloader out.",
    );
  }
  if (bootloader === "systemd" && !machine.hasSystemdBoot) {
    throw conflict("bootloader", `Debian has no systemd-boot for ${machine.name}`, "Leave bootloader out.");
  }
  if (uki && (backend !== "composefs" || !machine.hasSystemdBoot)) {
    throw conflict(
      "uki",
      "unified kernel images need the composefs backend and an architecture with UEFI",
      'Leave uki out, or choose backend = "composefs".',
    );
  }
  return bootloader;
}

function checkBackend({ blueprint, place }: Definition, suiteName: string, hasBootc: boolean): void {
  if (blueprint.bootc.backend === "ostree" || hasComposefs(suiteName) || hasBootc) return;
  throw problem(place, ["bootc", "backend"], {
    code: "backend-unavailable",
    message: `nothing in ${suiteName} can boot an image of the composefs backend: its libostree is built without composefs, and bootc is not among the packages`,
    hint: 'Set backend = "ostree" under [bootc] (--backend ostree), choose a newer suite (forky, sid), or name a repository or .debs with bootc under [debian] and add the package bootc.',
  });
}

function prepareRoot(backend: BootPlan["backend"]): string {
  // `maybe`: by composefs where libostree can, plainly where it cannot; ostree-prepare-root(1).
  const enabled = backend === "composefs" ? "yes" : "maybe";
  return lines("[composefs]", `enabled = ${enabled}`, "", "[sysroot]", "readonly = true");
}

/**
 * dracut.conf(5): an initramfs for any machine, the same bytes each time. The directories are systemd's, where dracut on
 * Debian does not look by itself. One compressor thread at level 3: half the time of dracut's level 15 for a twentieth of the size.
 */
function dracutConfiguration(definition: Definition, modules: readonly string[]): string {
  const names = listedNames(definition);
  const { keyboard } = definition.blueprint.customizations.locale;
  const omitted = [
    "network-manager",
    ...(names.has("plymouth") ? [] : ["plymouth"]),
    ...(keyboard === undefined ? ["i18n"] : []),
  ];
  return lines(
    'hostonly="no"',
    'reproducible="yes"',
    'compress="zstd -3 -q -T1"',
    `add_dracutmodules+=" ${modules.join(" ")} "`,
    'add_drivers+=" erofs overlay "',
    `omit_dracutmodules+=" ${omitted.join(" ")} "`,
    'systemdsystemconfdir="/etc/systemd/system"',
    'systemdsystemunitdir="/usr/lib/systemd/system"',
  );
}

function loaderPackages(
  bootloader: BootPlan["bootloader"],
  { name, hasSystemdBoot }: Machine,
): readonly string[] {
  if (bootloader === "systemd") return ["systemd-boot"];
  if (bootloader === "none") return [];
  return ["bootupd", hasSystemdBoot ? `grub-efi-${name}` : "grub-common"];
}

const rootTools = { ext4: ["e2fsprogs"], xfs: ["xfsprogs"], btrfs: ["btrfs-progs"] } as const;

/** The names of all packages that a definition lists. */
export function listedNames({ blueprint }: Definition): ReadonlySet<string> {
  return new Set([...blueprint.packages, ...blueprint.modules].map(({ name }) => name));
}

const withoutBootc: Notice = {
  name: "without-bootc",
  message:
    "The image has no bootc: it conforms to bootc and boots, but a host that runs it cannot update itself",
  hint: "Debian does not package bootc. Name a repository or .debs that bring it under [debian], and add the package bootc.",
};

const sealedWithoutBootc: Notice = {
  name: "sealed-without-bootc",
  message:
    "the unified kernel image names a composefs digest, which only bootc's part of an initramfs mounts: without the package bootc it does not boot",
  hint: "Name a repository or .debs with bootc under [debian] and add the package bootc.",
};

const withGrub: Notice = {
  name: "without-bootupd",
  message: "bootc installs GRUB by bootupd, which Debian does not package",
  hint: "Name a repository or .debs that bring it under [debian].",
};
