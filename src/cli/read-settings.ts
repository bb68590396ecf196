import { configFiles, environmentLayer, fileLayer, flagLayer } from "../base/config-layers.ts";
import { inputShape, layConfig, shapeAt } from "../base/config.ts";
import type { Config, Layer } from "../base/config.ts";
import { Failure } from "../base/failure.ts";
import type { ProjectFile } from "../base/project-file.ts";
import { extensionSettings } from "./extension-settings.ts";
import { gbpLayer } from "./gbp-layer.ts";
import { checkVariables, variableOf, variablePrefix } from "./setting-variables.ts";
import { Settings, builtIn, projectKeys } from "./settings.ts";

/** The settings, and what had to be left out of them. */
export interface ReadSettings extends Config<Settings> {
  readonly warnings: readonly { readonly message: string; readonly hint: string }[];
}

/** Variables with our prefix that are not settings. */
const otherVariables = ["DEBUG", "CONFIG", "HOOK_*", "TEST_*", "REDIRECTED", "SKIP_*", "BENCH_*"];

/**
 * The effective settings, from all places in order: built-in, /etc/debkiln/config.toml, the user's config.toml, the
 * project's .debkiln.toml (or, in its stead, `--config` or DEBKILN_CONFIG), git-buildpackage, DEBKILN_ variables, flags. A project's file
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
    await gbpLayer(environment, directory),
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
  const isRun = Object.hasOwn(extensionSettings, forbidden);
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
