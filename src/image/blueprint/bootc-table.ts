import { z } from "zod";
import { imagePath, kernelArgument, line, localPath, word } from "./texts.ts";

/** An architecture in the words of bootc and Rust, which are not Debian's. */
const bootcArchitecture = z.enum(["x86_64", "aarch64", "powerpc64", "s390x", "riscv64", "loongarch64"], {
  error:
    "expected an architecture as bootc has them: x86_64, aarch64, powerpc64, s390x, riscv64, loongarch64",
});

/** `/usr/lib/bootc/install/*.toml`, key for key (bootc-install-config(5)). */
export const InstallConfig = z.strictObject({
  filesystem: z
    .strictObject({
      root: z
        .strictObject({ type: z.enum(["ext4", "xfs", "btrfs"]).describe("Its type") })
        .describe("The root file system"),
    })
    .default({ root: { type: "ext4" } })
    .describe("File systems that `bootc install` makes"),
  kargs: z.array(kernelArgument).optional().describe("Kernel arguments of the installation alone"),
  "karg-deletes": z
    .array(kernelArgument)
    .optional()
    .describe("Kernel arguments that the installation leaves out"),
  block: z
    .array(z.enum(["direct", "tpm2-luks"]))
    .min(1)
    .optional()
    .describe("How `bootc install to-disk` may lay out the disk; the first is the default"),
  "match-architectures": z
    .array(bootcArchitecture)
    .min(1)
    .optional()
    .describe("Architectures that this is for"),
  stateroot: word.optional().describe("The stateroot's name"),
  "root-mount-spec": line
    .optional()
    .describe("How the root file system is found, such as LABEL=root; empty leaves root= out"),
  "boot-mount-spec": line.optional().describe("How /boot is found"),
  "discoverable-partitions": z.boolean().optional().describe("Whether partitions are found by their types"),
  "enforce-container-sigpolicy": z
    .boolean()
    .optional()
    .describe("Whether hosts take signed images only, by policy.json"),
  ostree: z
    .strictObject({
      "bls-append-except-default": line
        .optional()
        .describe("Arguments of every boot entry but the default one"),
    })
    .optional()
    .describe("The ostree repository"),
  bootupd: z
    .strictObject({
      "skip-boot-uuid": z.boolean().optional().describe("Whether GRUB gets static configuration"),
    })
    .optional()
    .describe("bootupd, which installs GRUB"),
});
export type InstallConfig = z.infer<typeof InstallConfig>;

const KargsFile = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, { error: "expected a file's name without .toml" })
    .describe("The file's name in /usr/lib/bootc/kargs.d, without .toml"),
  kargs: z.array(kernelArgument).min(1).describe("Kernel arguments"),
  "match-architectures": z
    .array(bootcArchitecture)
    .min(1)
    .optional()
    .describe("Architectures that they are for"),
});

const Step = z
  .strictObject({
    name: line.min(1).optional().describe("What it does, for the log"),
    run: z.string().min(1).optional().describe("Text that `sh -eu` runs"),
    script: localPath.optional().describe("A script on this machine, run by what its first line names"),
    containerfile: localPath.optional().describe("A file of Containerfile instructions without FROM"),
    context: localPath
      .optional()
      .describe("The directory that COPY and ADD take files from; default: the Containerfile's"),
  })
  .refine(
    ({ run, script, containerfile }) =>
      [run, script, containerfile].filter((each) => each !== undefined).length === 1,
    {
      error: "expected exactly one of run, script and containerfile",
    },
  )
  .refine(({ containerfile, context }) => context === undefined || containerfile !== undefined, {
    error: "context goes with containerfile only",
  });

/** `[bootc]`: debkiln's own. */
export const BootcTable = z.strictObject({
  backend: z
    .enum(["composefs", "ostree"])
    .default("composefs")
    .describe("How hosts store and mount the image"),
  bootloader: z
    .enum(["systemd", "grub", "none"])
    .optional()
    .describe("The boot loader; default: systemd (systemd-boot) with composefs, none with ostree"),
  uki: z
    .boolean()
    .default(false)
    .describe(
      "Whether kernel and initramfs boot as a unified kernel image, whose command line names the composefs digest of the image; for hosts with bootc",
    ),
  install: InstallConfig.prefault({}).describe(
    "Defaults of `bootc install`, as bootc-install-config(5) has them",
  ),
  kargs: z.array(kernelArgument).default([]).describe("Kernel arguments, as customizations.kernel.append"),
  kargs_d: z.array(KargsFile).default([]).describe("Further files of /usr/lib/bootc/kargs.d"),
  bound_images: z
    .array(line.min(1))
    .default([])
    .describe(
      "Container images that each host pulls with this one: references, or paths of Quadlet files (.image, .container) that customizations.files adds",
    ),
  layer_budget: z
    .int()
    .min(4)
    .max(127)
    .default(96)
    .describe("How many layers the image may have; docker takes 127, derived images want some too"),
  compression: z.enum(["zstd", "gzip"]).default("zstd").describe("How layers are compressed"),
  labels: z
    .record(
      z
        .string()
        .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/i, { error: "expected a label such as org.example.key" }),
      line,
    )
    .default({})
    .describe("Further labels of the image"),
  home: z
    .enum(["links", "mounts"])
    .default("links")
    .describe("How /home, /root, /srv and /mnt lead into /var: relative links, or bind mounts"),
  local: z
    .enum(["image", "state"])
    .default("state")
    .describe("Whether /opt and /usr/local are the image's, or links into the host's /var"),
  var: z
    .record(
      imagePath.regex(/^\/var\//, { error: "expected a path below /var" }),
      z.enum(["image", "tmpfiles", "seed", "discard"]),
    )
    .default({})
    .describe(
      "What becomes of paths below /var that packages bring: `tmpfiles` (made anew on hosts), `seed` (copied to hosts that lack it), `image` (moves to /usr/lib/sysimage), `discard`",
    ),
  steps: z
    .array(Step)
    .default([])
    .describe("What is done at the end, as root in a container of the image without network"),
});
export type BootcTable = z.infer<typeof BootcTable>;
