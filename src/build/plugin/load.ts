import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import { errorCode } from "../../base/system-error.ts";
import { ourPlugins } from "./ours/plugins.ts";
import { type Plugin, type PluginOption, pluginApiVersion } from "./plugin.ts";

/** A plugin with what its user wants of it. */
export interface LoadedPlugin extends Plugin {
  readonly options: Readonly<Record<string, PluginOption>>;
}

export interface WantedPlugins {
  /** Names of ours, absolute paths, or paths that begin with `~/`. */
  readonly modules: readonly string[];
  /** By the plugins' names. */
  readonly options: Readonly<Record<string, Readonly<Record<string, PluginOption>>>>;
}

/**
 * Loads plugins, in the order in which they are named. Their modules are run by that, in this process.
 * @throws Failure plugin-missing, bad-plugin, plugin-api-version (usage).
 */
export async function loadPlugins({ modules, options }: WantedPlugins): Promise<readonly LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = [];
  for (const word of modules) {
    const plugin = await load(word);
    if (loaded.some(({ name }) => name === plugin.name))
      throw bad(word, `there are two named ${plugin.name}`);
    loaded.push({ ...plugin, options: options[plugin.name] ?? {} });
  }
  return loaded;
}

async function load(word: string): Promise<Plugin> {
  const ours = ourPlugins.find(({ name }) => name === word);
  if (ours !== undefined) return ours;
  const path = word.startsWith("~/") ? join(homedir(), word.slice(2)) : word;
  if (!isAbsolute(path)) throw unknown(word);
  const exported = await importModule(path);
  const head = z
    .looseObject({ plugin: z.looseObject({ apiVersion: z.unknown().optional() }) })
    .safeParse(exported);
  if (!head.success) throw bad(word, 'it exports no object "plugin"');
  const { apiVersion } = head.data.plugin;
  if (apiVersion !== pluginApiVersion) {
    throw new Failure(
      "usage",
      "plugin-api-version",
      `The plugin ${word} is for version ${JSON.stringify(apiVersion) ?? "(none)"} of the interface; this debkiln has ${pluginApiVersion}`,
      {
        hint: "Get the plugin for this debkiln, or the debkiln that it is for: docs/extending.md has the interface.",
      },
    );
  }
  const parsed = Module.safeParse(exported);
  if (parsed.success) return parsed.data.plugin;
  const [issue] = parsed.error.issues;
  throw bad(word, `${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "invalid"}`);
}

/** Its functions are taken as they are: what they give is looked at when they give it. */
const Module = z.looseObject({
  plugin: z.strictObject({
    apiVersion: z.literal(pluginApiVersion),
    name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
    probes: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          when: z.enum(["before", "after"]),
          argv: z.array(z.string()).min(1).readonly(),
        }),
      )
      .readonly()
      .optional()
      .transform((probes) => probes ?? []),
    report: z.custom<Plugin["report"]>((value) => typeof value === "function", "expected a function"),
  }),
});

async function importModule(path: string): Promise<unknown> {
  try {
    const exported: unknown = await import(pathToFileURL(path).href);
    return exported;
  } catch (cause) {
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(fromHere, "");
    if (errorCode(cause) === "ERR_MODULE_NOT_FOUND" || errorCode(cause) === "ERR_UNSUPPORTED_DIR_IMPORT") {
      throw new Failure("usage", "plugin-missing", `The plugin ${path} cannot be loaded: ${message}`, {
        hint: "Name the file of an ES module (.js, .mjs or .ts), and see that what it imports is there.",
        cause,
      });
    }
    throw bad(path, `its module throws: ${message}`, cause);
  }
}

/** Who looks for a module that is not there is of no interest when it is this one. */
const fromHere = / imported from \S+\/plugin\/load\.ts$/;

function unknown(word: string): Failure {
  const names = ourPlugins.map(({ name }) => name);
  const meant = nearest(word, names);
  return new Failure("usage", "plugin-missing", `There is no plugin ${JSON.stringify(word)}`, {
    hint:
      meant === null
        ? `debkiln has ${names.join(", ")}; others are named by the absolute path of their module.`
        : `Did you mean ${meant}? Plugins that are not debkiln's are named by the absolute path of their module.`,
  });
}

function bad(word: string, why: string, cause?: unknown): Failure {
  return new Failure("usage", "bad-plugin", `The plugin ${word} cannot be used: ${why}`, {
    hint: "docs/extending.md has the interface of plugins.",
    cause,
  });
}
