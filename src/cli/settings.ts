import { z } from "zod";
import { configFiles, environmentLayer, fileLayer, flagLayer } from "../base/config-layers.ts";
import { inputShape, layConfig, shapeAt } from "../base/config.ts";
import type { Config, Layer } from "../base/config.ts";
import { Failure } from "../base/failure.ts";
import type { ProjectFile } from "../base/project-file.ts";
import { checkNames } from "../build/check/outcome.ts";
import { hookPointNames } from "../build/hook/point.ts";
import { trustLevels } from "../build/trust.ts";
import { signaturePolicies } from "../build/source/policy.ts";
import { TargetDefinition } from "../environment/target.ts";
import { builtInCache, cacheSettings } from "./cache-settings.ts";
import { builtInCompilerCache, compilerCacheSettings } from "./compiler-cache-settings.ts";
import { checkVariables, variableOf, variablePrefix } from "./setting-variables.ts";
import { duration, limit } from "./written.ts";

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
  jobs: z.int().min(1).max(4096).optional().describe("Parallel jobs inside a build (parallel=N)"),
  max_age: duration.describe("How old the package indices may be before the archive is asked again"),
  frozen: z.boolean().describe("Never ask the archive again: use what is known, or fail"),
  mirror: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("The URL of the Debian mirror, where the target names none"),
  snapshot: z
    .string()
    .optional()
    .describe(
      "The snapshot of the archive to build against: its URL, or its time stamp at snapshot_mirror, such as 20260101T000000Z",
    ),
  snapshot_mirror: z
    .string()
    .optional()
    .describe("The URL of a snapshot service, with {archive} and {timestamp} in it"),
  check_valid_until: z
    .boolean()
    .optional()
    .describe("Whether a Release file past its Valid-Until is refused (default: true)"),
  proxy: z.string().optional().describe("The HTTP proxy for downloads"),
  ca_bundle: z.string().optional().describe("A file of certificates (PEM) to trust for HTTPS downloads"),
  keyring: z.string().optional().describe("The keyring that the archive's signatures are checked with"),
  dsc_signature: z
    .enum(signaturePolicies)
    .describe(
      "What is made of the signature of a .dsc: a bad one is refused; `require` takes only good ones",
    ),
  dsc_keyring: z
    .array(z.string())
    .describe("OpenPGP keyrings with whom else a .dsc may be signed by, beside Debian's"),
  preferences: z
    .array(z.string())
    .optional()
    .describe("Pins, where the target has none: files of apt_preferences(5) or their text"),
  apt_options: z
    .array(z.string())
    .optional()
    .describe("Options of apt's choice of packages, NAME=VALUE, where the target has none"),
  profiles: z.array(z.string()).describe("Build profiles (DEB_BUILD_PROFILES)"),
  build_options: z.array(z.string()).describe("Build options (DEB_BUILD_OPTIONS)"),
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .describe("Further variables in builds and work by hand, by name"),
  hostname: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i)
    .optional()
    .describe('The host name in builds and work by hand (default: "debkiln")'),
  bind_mounts: z
    .array(z.string())
    .describe(
      "Directories of the engine's host in builds and work by hand: DIRECTORY[:PATH][:rw], read-only without rw",
    ),
  tmpfs: z
    .array(z.string())
    .describe("Directories of builds and work by hand that are in memory: PATH[:SIZE]"),
  devices: z
    .array(z.string())
    .describe("Devices of the engine's host for builds and work by hand, such as /dev/fuse"),
  files: z
    .record(
      z.string(),
      z.strictObject({
        text: z.string().optional(),
        source: z.string().optional(),
        mode: z
          .string()
          .regex(/^[0-7]{3,4}$/)
          .optional(),
      }),
    )
    .describe(
      "Files laid in containers of builds and work by hand, by their path there: text or source, and mode",
    ),
  memory: limit.optional().describe('The most memory a build may use, such as "4G"'),
  cpus: z.number().positive().optional().describe("The most processors a build may use"),
  pids: z.int().positive().optional().describe("The most processes a build may have"),
  disk: limit.optional().describe('The most disk space a build may use, such as "20G"'),
  trust: z
    .enum(trustLevels)
    .optional()
    .describe(
      "Whether sources are trusted; default: packages of the archive and trees are, of others it is not known",
    ),
  ...compilerCacheSettings,
  ...cacheSettings,
  timeout: duration.describe("How long a build may take"),
  silence_timeout: duration.describe("How long a build may print nothing"),
  checks: z.array(z.enum(checkNames)).describe("Which checks the results of a build get"),
  require: z
    .array(z.enum(checkNames))
    .describe("Checks that are run too, and when one finds a fault or breaks, the command fails"),
  check_timeout: duration.describe("How long a check, or each test of one, may take"),
  lintian_options: z
    .array(z.string().regex(/^-/, "An option of lintian begins with -"))
    .describe("Options of lintian(1) for the check of that name"),
  plugins: z
    .array(z.string())
    .describe("Plugins that are told of each build: names of debkiln's, or absolute paths of modules"),
  plugin_options: z
    .record(
      z.string(),
      z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    )
    .describe("What plugins take, by their names"),
  hooks: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/),
      z.strictObject({
        point: z.enum(hookPointNames).describe("When it runs"),
        command: z.string().min(1).describe("What `sh -c` runs"),
        host: z
          .boolean()
          .optional()
          .describe("Whether it runs on this machine, not in the build's container"),
        user: z.enum(["root", "builder"]).optional().describe("Who runs it in the container"),
        timeout: duration.optional().describe("How long it may take (default: 10m)"),
      }),
    )
    .describe("Commands of yours at points of each build, by name"),
  cache_dir: z.string().optional().describe("Where downloads and memos are kept"),
  builder_id: z.url().optional().describe("The URI that provenance names this builder by"),
  color: z.enum(["auto", "always", "never"]).describe("Whether output is coloured"),
});
export type Settings = z.infer<typeof Settings>;

/** The lowest layer of settings; docs/configuration.md shows it. */
export const builtIn = {
  targets: {},
  plugins: [],
  plugin_options: {},
  hooks: {},
  output: ".",
  max_age: "15m",
  frozen: false,
  dsc_signature: "check",
  dsc_keyring: [],
  profiles: [],
  build_options: [],
  variables: {},
  bind_mounts: [],
  tmpfs: [],
  devices: [],
  files: {},
  ...builtInCompilerCache,
  ...builtInCache,
  timeout: "12h",
  silence_timeout: "150m",
  checks: ["lintian"],
  require: [],
  check_timeout: "30m",
  lintian_options: [],
  color: "auto",
} satisfies z.input<typeof Settings>;

/** Variables with our prefix that are not settings. */
const otherVariables = ["DEBUG", "CONFIG", "HOOK_*", "TEST_*", "REDIRECTED", "SKIP_*", "BENCH_*"];

/**
 * What a project's file may say: it may come from whoever wrote the source in it. So nothing of where packages come from
 * and how they are checked, nor of where files are written, nor what is run beside the build; and a target by its name only.
 */
const projectKeys: ReadonlySet<string> = new Set([
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
  "color",
] satisfies (keyof Settings)[]);

/** The settings, and what had to be left out of them. */
export interface ReadSettings extends Config<Settings> {
  readonly warnings: readonly { readonly message: string; readonly hint: string }[];
}

/**
 * The effective settings, from all places in order: built-in, /etc/debkiln/config.toml, the user's config.toml, the
 * project's .debkiln.toml (or, in its stead, `--config` or DEBKILN_CONFIG), DEBKILN_ variables, flags. A project's file
 * that is another user's is left out, with a warning.
 * @throws Failure config-unknown-key, config-invalid-value, config-syntax, config-missing, config-host-only (usage).
 */
export async function readSettings(
  flags: Readonly<Record<string, unknown>>,
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ReadSettings> {
  const files = await configFiles("debkiln", directory, environment);
  const chosen = typeof flags["config"] === "string" ? flags["config"] : environment["DEBKILN_CONFIG"];
  const project = chosen ? null : files.project;
  const layers = [
    { values: builtIn, place: () => "built-in" },
    await fileLayer(files.system),
    await fileLayer(files.user),
    chosen ? await chosenLayer(chosen) : await projectLayer(project),
    environmentLayer(Settings, variablePrefix, otherVariables, checkVariables(environment)),
    flagLayer(Settings, flags),
  ];
  const config = layConfig(
    Settings,
    layers.filter((layer) => layer !== null),
  );
  return { ...config, warnings: warningsOf(project) };
}

function warningsOf(project: ProjectFile | null): ReadSettings["warnings"] {
  if (project === null || project.distrusted === null) return [];
  const { path, distrusted } = project;
  const hint = "Own it, or name it with --config if you trust it.";
  return [{ message: `${path} is not read: ${distrusted}`, hint }];
}

async function chosenLayer(file: string): Promise<Layer> {
  const layer = await fileLayer(file);
  if (layer !== null) return layer;
  throw new Failure("usage", "config-missing", `There is no configuration file ${file}`, {
    hint: "Check the path given with --config or DEBKILN_CONFIG.",
  });
}

async function projectLayer(file: ProjectFile | null): Promise<Layer | null> {
  const layer = file === null || file.distrusted !== null ? null : await fileLayer(file.path);
  const known = Object.keys(layer?.values ?? {}).filter((key) => key in Settings.shape);
  const forbidden = known.find((key) => !projectKeys.has(key));
  if (layer === null || forbidden === undefined) return layer;
  const isRun = ["hooks", "plugins", "plugin_options"].includes(forbidden);
  const variable = variableOf(forbidden, shapeAt(inputShape(Settings), [forbidden]) ?? {});
  const others = variable === null || isRun ? "" : `, as ${variable} or with its flag, if it has one`;
  const why = isRun ? ": what comes with a source chooses nothing that runs beside its build" : "";
  throw new Failure(
    "usage",
    "config-host-only",
    `${layer.place([forbidden])}: "${forbidden}" cannot be set by a project${why}`,
    {
      hint: `Set it in ~/.config/debkiln/config.toml${others}; or name this file with --config if you trust it.`,
    },
  );
}
