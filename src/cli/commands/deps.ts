import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { environmentCacheFlags } from "../environment-cache-flags.ts";
import { asSettings, choiceFlags, targetFlags } from "../flags.ts";

export class DepsCommand extends KilnCommand {
  static override summary = "Install a source's build dependencies, and stop.";
  static override description =
    "Makes the environment that a build of the source needs, and keeps it in the cache: the build then starts at once. With " +
    "--env the build dependencies come into a named environment, beside what it has, for its suite and architecture.";
  static override examples = [
    { description: "Of the tree in this directory, ahead of its build", command: "<%= config.bin %> deps" },
    { description: "To work on a package by hand", command: "<%= config.bin %> deps --env dev sl" },
  ];
  static override args = {
    source: Args.string({ description: "source tree, .dsc, its address or a package's name", default: "." }),
  };
  static override flags = {
    env: Flags.string({
      char: "e",
      helpValue: "NAME",
      exclusive: ["target", "dist", "arch"],
      description: "named environment (default: one in the cache)",
    }),
    ...targetFlags,
    ...environmentCacheFlags,
    ...choiceFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(DepsCommand);
    return await this.withSession(asSettings({ ...flags, "build-option": undefined }), async (session) => {
      const { installDependencies } = await import("../named.ts");
      await installDependencies(session, args.source, flags);
    });
  }
}
