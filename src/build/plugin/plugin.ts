import type { BuildResult } from "../result.ts";

/** The version of this interface. It becomes another when a plugin that was right for it would no longer be. */
export const pluginApiVersion = 1;

/**
 * A plugin: what a module exports under the name `plugin`. It looks into the build's container by the commands that it names, is told
 * what came of the build, and gives lines and files. It runs in debkiln's own process as the user, and changes no results: what goes
 * wrong in it is told, and they stay.
 */
export interface Plugin {
  readonly apiVersion: typeof pluginApiVersion;
  /** Lower case letters, digits and dashes. */
  readonly name: string;
  /** Run in the container, by a user without rights and without a network. */
  readonly probes?: readonly Probe[];
  /** Called once, when the build has ended, whatever came of it: for a minute at most. */
  readonly report: (build: ReportedBuild) => PluginReport | Promise<PluginReport>;
}

/** A command whose output a plugin wants. */
export interface Probe {
  /** By this the plugin finds the answer. */
  readonly name: string;
  /** Before anything of the source is in the container, or after all that the build does there. */
  readonly when: "before" | "after";
  readonly argv: readonly string[];
}

/** What a probe came to: within a minute, and of its output the first 16 MiB. */
export interface Answer {
  readonly exitCode: number;
  /** Standard output: of an `after` probe, a package may have made it what it likes. */
  readonly output: string;
}

/** What a plugin is told: frozen, and its own copy. */
export interface ReportedBuild {
  /** `NAME_VERSION_ARCH`. */
  readonly name: string;
  /** As in result.json, which has in addition what plugins gave. */
  readonly result: Omit<BuildResult, "plugins">;
  /** The packages of the base, and of the whole environment; empty when it never came to one. */
  readonly base: readonly InstalledPackage[];
  readonly packages: readonly InstalledPackage[];
  /** By the probes' names. One is missing when the container was not there any more, or never. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** The table `plugin_options.NAME` of the settings. */
  readonly options: Readonly<Record<string, PluginOption>>;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export type PluginOption = string | number | boolean | readonly string[];

/** What a plugin gives. */
export interface PluginReport {
  /** Shown with the results, and in the log. */
  readonly lines?: readonly string[];
  /** Put beside the results as `NAME_VERSION_ARCH.PLUGIN.ENDING`. */
  readonly files?: readonly { readonly ending: string; readonly text: string }[];
}
