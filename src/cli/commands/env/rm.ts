import { Args, Flags } from "@oclif/core";
import { Failure } from "../../../base/failure.ts";
import { KilnCommand } from "../../command.ts";

export class EnvRmCommand extends KilnCommand {
  static override summary = "Remove environments.";
  static override description =
    "KEY is a key that `debkiln env list` shows, or its beginning, or the name of an environment, which goes with its " +
    "snapshots. What has a key is made again when it is needed; what has a name is gone, and only goes by its name. " +
    "What a running build or an open shell uses stays, and the command fails.";
  static override examples = [
    { description: "A named environment", command: "<%= config.bin %> env rm dev" },
    { description: "Two of them", command: "<%= config.bin %> env rm 3f2a 91b0c4" },
    { description: "All that has no name", command: "<%= config.bin %> env rm --all" },
  ];
  static override strict = false;
  static override args = {
    key: Args.string({ description: "key, its beginning, or name; several may be given" }),
  };
  static override flags = {
    all: Flags.boolean({ default: false, description: "remove all images that debkiln can make again" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(EnvRmCommand);
    if (flags.all !== argv.length > 0) return await this.remove(flags, argv.map(String));
    throw new Failure(
      "usage",
      "bad-command-line",
      flags.all ? "--all and keys exclude each other" : "Name what to remove",
      { hint: "Give keys of `debkiln env list`, or --all." },
    );
  }

  private async remove(
    flags: { all: boolean; json: boolean; quiet: boolean; verbose: boolean },
    keys: string[],
  ) {
    return await this.withSession(flags, async (session) => {
      const { removeEnvironments } = await import("../../environments.ts");
      await removeEnvironments(session, flags.all ? "all" : { keys });
    });
  }
}
