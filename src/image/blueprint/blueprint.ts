import { z } from "zod";
import { architectures } from "../../debian/architecture.ts";
import { BootcTable } from "./bootc-table.ts";
import { Customizations } from "./customizations.ts";
import { DebianTable } from "./debian-table.ts";
import { line } from "./texts.ts";

/** A binary package's name as Debian Policy 5.6.1 has it, with the architecture of a foreign one if need be. */
const packageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?$/, { error: "expected the name of a Debian package" });

/** A version as Debian Policy 5.6.12 has it, alone or after one of dpkg's operators; `*` is any. */
const packageVersion = z.string().regex(/^(?:\*|(?:(?:<<|<=|=|>=|>>)\s*)?(?:\d+:)?\d[A-Za-z0-9.+~-]*)$/, {
  error: 'expected a Debian version such as "1:9.2p1-2", if need be after an operator (">= 1.2"), or "*"',
});

const Package = z.strictObject({
  name: packageName.describe("The package's name"),
  version: packageVersion
    .default("*")
    .describe('Its version: this very one, or after an operator of dpkg (">= 1.2"); "*" is any'),
  architectures: z
    .array(z.enum(architectures.map(({ name }) => name)))
    .min(1)
    .optional()
    .describe("Debian's names of the architectures that it is for; default: all. Not osbuild's"),
});

/**
 * The definition of a bootc image: osbuild's blueprint (osbuild.org, Blueprint Reference) as far as it makes sense for a
 * container image of Debian, and two tables of debkiln's own. Keys of osbuild that make none are in `refusals`.
 */
export const Blueprint = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/, {
      error: "expected lower-case letters and digits, with single dots, dashes or underscores between them",
    })
    .max(128)
    .describe("The image's name, as registries take it"),
  description: line.default("").describe("What the image is, in a line"),
  version: z
    .string()
    .regex(/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/, {
      error: "expected a semantic version of three numbers",
    })
    .default("0.0.0")
    .describe("The definition's version (semver.org): the label org.opencontainers.image.version"),
  distro: z
    .string()
    .regex(/^debian-[a-z0-9.]+$/, { error: 'expected "debian-" and a release, such as "debian-13"' })
    .optional()
    .describe('The release: "debian-13" or "debian-trixie"; [debian] says more'),
  architecture: z
    .string()
    .optional()
    .describe(
      "The architecture, in Debian's (amd64) or the kernel's words (x86_64); default: this machine's",
    ),
  arch: z.string().optional().describe("The same as architecture"),
  packages: z.array(Package).default([]).describe("Packages to install, with what they depend on"),
  modules: z.array(Package).default([]).describe("The same as packages; osbuild has both"),
  groups: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9][a-z0-9+.-]+$/)
          .describe("The task's name, with or without task- before it"),
      }),
    )
    .default([])
    .describe("Tasks of tasksel to install, such as gnome-desktop: the packages task-NAME"),
  containers: z
    .array(z.strictObject({ source: line.min(1).describe("The container image's reference") }))
    .default([])
    .describe("Container images that each host pulls with this one: bound images, as bootc.bound_images"),
  customizations: Customizations.prefault({}).describe("What is set up beyond packages"),
  debian: DebianTable.prefault({}).describe("From where the packages come, and how they are installed"),
  bootc: BootcTable.prefault({}).describe("How the image boots, installs and is packed"),
});
export type Blueprint = z.infer<typeof Blueprint>;
export type BlueprintPackage = z.infer<typeof Package>;
