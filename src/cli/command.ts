import { Command, Flags } from "@oclif/core";
import { Task } from "../base/event.ts";
import { asFailure, exitCodes } from "../base/failure.ts";
import { chooseRenderer } from "./render/choose.ts";
import { chooseStyle } from "./render/style.ts";
import type { Session } from "./session.ts";
import { stopOnSignals } from "./signals.ts";

/** The flags that every command has, as parsed. */
export interface SharedFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What all commands share: flags, and the session that a command's work gets. `run` gives the exit code. */
export abstract class KilnCommand extends Command {
  static override baseFlags = {
    engine: Flags.string({
      helpGroup: "GLOBAL",
      helpValue: "URL",
      description: "container engine: unix:///path, tcp://host:port or ssh://user@host",
    }),
    runtime: Flags.string({
      helpGroup: "GLOBAL",
      helpValue: "NAME",
      description: "OCI runtime for packages' code, such as runsc (default: the engine's own)",
    }),
    config: Flags.string({
      helpGroup: "GLOBAL",
      helpValue: "FILE",
      description: "settings file to read instead of the project's .debkiln.toml",
    }),
    color: Flags.option({
      helpGroup: "GLOBAL",
      options: ["auto", "always", "never"] as const,
      description: "when to colour the output",
    })(),
    json: Flags.boolean({ helpGroup: "GLOBAL", description: "print events and results as JSON lines" }),
    quiet: Flags.boolean({
      helpGroup: "GLOBAL",
      char: "q",
      exclusive: ["verbose"],
      description: "print warnings, failures and results only",
    }),
    verbose: Flags.boolean({ helpGroup: "GLOBAL", char: "v", description: "print logs and details too" }),
  };

  abstract override run(): Promise<number>;

  /**
   * Reads the settings (flags that bear a setting's name are its highest layer), then does the work with a renderer
   * and a stop signal. A failure of the work is shown here. Gives the exit code: the work's own, else 0.
   * @throws Failure of the settings (usage), which `run` in run.ts shows.
   */
  protected async withSession(
    flags: SharedFlags & Readonly<Record<string, unknown>>,
    work: (session: Session) => Promise<number | void>,
  ): Promise<number> {
    const { readSettings } = await import("./read-settings.ts");
    const environment = process.env;
    const config = await readSettings(flags, process.cwd(), environment);
    const settings = config.values;
    const volume = flags.quiet
      ? "quiet"
      : flags.verbose || environment["DEBKILN_DEBUG"]
        ? "verbose"
        : "normal";
    const renderer = chooseRenderer({ json: flags.json, volume, color: settings.color }, environment);
    using stop = stopOnSignals((failure) => renderer.failure(failure));
    const { signal } = stop;
    const session: Session = {
      settings,
      config,
      signal,
      environment,
      style: chooseStyle(settings.color, process.stdout, environment),
      report: renderer.report,
      task: new Task(renderer.report, []),
      result: (text, value) => renderer.result(text, value),
      suspend: () => renderer.suspend(),
      connect: async () => {
        const { connectEngine } = await import("../engine/connect.ts");
        return await connectEngine({
          endpoint: settings.engine,
          environment,
          signal,
          passedOver: (message) => session.task.warn(message, "Unset the variable, or see to that engine."),
        });
      },
    };
    for (const { message, hint } of config.warnings) session.task.warn(message, hint);
    try {
      return (await work(session)) ?? 0;
    } catch (thrown) {
      const failure = asFailure(signal.aborted ? signal.reason : thrown);
      renderer.failure(failure);
      return exitCodes[failure.fault];
    } finally {
      renderer.close();
    }
  }
}
