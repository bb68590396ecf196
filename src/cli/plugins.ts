import type { LoadedPlugin } from "../build/plugin/load.ts";
import type { Settings } from "./settings.ts";

/** The plugins that the settings name. @throws Failure what `loadPlugins` raises: before anything is built. */
export async function pluginsOf({
  plugins,
  plugin_options: options,
}: Pick<Settings, "plugins" | "plugin_options">): Promise<readonly LoadedPlugin[]> {
  if (plugins.length === 0) return [];
  // Loaded only now: most builds have none.
  const { loadPlugins } = await import("../build/plugin/load.ts");
  return await loadPlugins({ modules: plugins, options });
}
