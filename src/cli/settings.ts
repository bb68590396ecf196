import { z } from "zod";
import { trustLevels } from "../build/trust.ts";
import { TargetDefinition } from "../environment/target.ts";
import { archiveSettings, builtInArchive } from "./archive-settings.ts";
import { builtInCache, cacheSettings } from "./cache-settings.ts";
import { builtInChecks, checkSettings } from "./check-settings.ts";
import { builtInCompilerCache, compilerCacheSettings } from "./compiler-cache-settings.ts";
import { builtInContainer, containerSettings } from "./container-settings.ts";
import { builtInExtensions, extensionSettings } from "./extension-settings.ts";
import { duration } from "./written.ts";

/** All settings, by their TOML keys. Durations are milliseconds and sizes are bytes once read. */
export const Settings = z.strictObject({
  engine: z
    .string()
    .optional()
    .describe("The container engine's address: unix:///path, tcp://host:port or ssh://user@host/path"),
  runtime: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "A name of a runtime that the engine knows, such as runsc")
    .optional()
    .describe("The OCI runtime of containers in which packages' code runs (default: the engine's own)"),
  target: z.string().optional().describe("The target to build for, such as debian-trixie-amd64"),
  targets: z.record(z.string(), TargetDefinition).describe("Definitions of targets of your own, by name"),
  output: z.string().describe("The directory that results are written to"),
  flat: z.boolean().describe("Whether each file of single builds lies in that directory itself, too"),
  jobs: z.int().min(1).max(4096).optional().describe("Parallel jobs inside a build (parallel=N)"),
  ...archiveSettings,
  profiles: z.array(z.string()).describe("Build profiles (DEB_BUILD_PROFILES)"),
  build_options: z.array(z.string()).describe("Build options (DEB_BUILD_OPTIONS)"),
  add_depends: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/), z.string())
    .describe("Further build dependencies of source packages, by their names: relations as in Build-Depends"),
  ...containerSettings,
  trust: z
    .enum(trustLevels)
    .optional()
    .describe(
      "Whether sources are trusted; default: packages of the archive and trees are, of others it is not known",
    ),
  keep_files: z
    .array(z.string().min(1))
    .describe("Patterns of files of a build's tree that are kept beside its results, also when it fails"),
  ...compilerCacheSettings,
  ...cacheSettings,
  timeout: duration.describe("How long a build may take"),
  silence_timeout: duration.describe("How long a build may print nothing"),
  ...checkSettings,
  ...extensionSettings,
  cache_dir: z.string().optional().describe("Where downloads and memos are kept"),
  builder_id: z.url().optional().describe("The URI that provenance names this builder by"),
  color: z.enum(["auto", "always", "never"]).describe("Whether output is coloured"),
});
export type Settings = z.infer<typeof Settings>;

/** The lowest layer of settings; docs/configuration.md shows it. */
export const builtIn = {
  targets: {},
  ...builtInExtensions,
  output: ".",
  flat: false,
  ...builtInArchive,
  profiles: [],
  build_options: [],
  add_depends: {},
  keep_files: [],
  ...builtInContainer,
  ...builtInCompilerCache,
  ...builtInCache,
  timeout: "12h",
  silence_timeout: "150m",
  ...builtInChecks,
  color: "auto",
} satisfies z.input<typeof Settings>;

/**
 * What a project's file may say: it may come from whoever wrote the source in it. So nothing of where packages come from
 * and how they are checked, nor of where files are written, nor what is run beside the build; and a target by its name only.
 */
export const projectKeys: ReadonlySet<string> = new Set([
  "target",
  "jobs",
  "profiles",
  "build_options",
  "variables",
  "memory",
  "cpus",
  "pids",
  "disk",
  "timeout",
  "silence_timeout",
  "checks",
  "check_timeout",
  "keep_files",
  "color",
] satisfies (keyof Settings)[]);
