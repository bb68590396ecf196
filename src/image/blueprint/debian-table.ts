import { z } from "zod";
import { TargetDefinition } from "../../environment/target.ts";
import { line, localPath, word } from "./texts.ts";

const suiteName = z.string().regex(/^[a-z0-9][a-z0-9.+/-]*$/, { error: "expected a suite or codename" });

const FurtherSuite = z.strictObject({
  name: suiteName.describe("Suite or codename, such as trixie-backports"),
  pin: z
    .int()
    .min(-32768)
    .max(32767)
    .default(100)
    .describe(
      "Its priority (apt_preferences(5)): 100 never replaces what the main suite has, 500 and more does",
    ),
  packages: z
    .array(word)
    .default([])
    .describe("Packages (or patterns of apt_preferences) that come from it before any other suite"),
});

/** `[debian]`: debkiln's own. The keys on the archive are those of a target in the configuration. */
export const DebianTable = z.strictObject({
  ...TargetDefinition.omit({
    architecture: true,
    suite: true,
    apt_options: true,
    keyring: true,
    repositories: true,
  }).shape,
  suite: suiteName
    .optional()
    .describe("Suite or codename, such as trixie; default: what distro says, else Debian's stable suite"),
  suites: z
    .array(FurtherSuite)
    .default([])
    .describe("Further suites of the same archive, and how they are pinned"),
  apt_options: z
    .array(
      z.string().regex(/^(?!apt::install-recommends=)/i, {
        error: "recommends (true or false) says whether recommended packages are installed",
      }),
    )
    .optional()
    .describe(TargetDefinition.shape.apt_options.description ?? ""),
  keyring: localPath.optional().describe("Keyring file that the archive is signed with"),
  repositories: z
    .array(z.string().min(1))
    .default([])
    .describe("Extra repositories: deb822 .sources files or their text, with Signed-By"),
  debs: z
    .array(localPath)
    .default([])
    .describe("Packages on this machine: .deb files, or directories of such, which are installed"),
  lock: localPath.optional().describe("A lock file of an earlier build: these packages, to the byte"),
  variant: z
    .enum(["apt", "minbase", "required", "important", "standard"])
    .default("apt")
    .describe("The set of packages to begin with, by Debian's priorities (mmdebstrap(1), VARIANTS)"),
  recommends: z.boolean().default(false).describe("Whether recommended packages are installed too"),
  debconf: z
    .array(line.regex(/^\S+\s+\S+\s+\S+(?:\s.*)?$/, { error: "expected owner, question, type and value" }))
    .default([])
    .describe("Answers to packages' questions, as debconf-set-selections(1) takes them"),
  path_excludes: z
    .array(line.regex(/^\//, { error: "expected a pattern that begins with a slash" }))
    .default([])
    .describe("Files of packages that are left out, as patterns of dpkg(1) (--path-exclude)"),
  path_includes: z
    .array(line.regex(/^\//, { error: "expected a pattern that begins with a slash" }))
    .default([])
    .describe("Files that are kept although path_excludes has them (--path-include)"),
});
export type DebianTable = z.infer<typeof DebianTable>;
