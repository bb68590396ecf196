import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class EnvShowCommand extends KilnCommand {
  static override summary = "Show what a named environment is.";
  static override description =
    "Shows the target, lock, image, snapshots and history of a named environment, or of a snapshot as NAME@SNAPSHOT.";
  static override examples = [
    { description: "What it is", command: "<%= config.bin %> env show dev" },
    { description: "With all packages", command: "<%= config.bin %> env show --packages dev" },
    { description: "With its lock, for a script", command: "<%= config.bin %> env show --json dev" },
  ];
  static override args = { name: Args.string({ description: "NAME or NAME@SNAPSHOT", required: true }) };
  static override flags = {
    packages: Flags.boolean({ default: false, description: "list the packages too" }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(EnvShowCommand);
    return await this.withSession(flags, async (session) => {
      const { showEnvironment } = await import("../../named.ts");
      await showEnvironment(session, args.name, flags.packages);
    });
  }
}
