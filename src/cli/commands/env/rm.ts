import { Args, Flags } from "@oclif/core";
import { Failure } from "../../../base/failure.ts";
import { KilnCommand } from "../../command.ts";

export class EnvRmCommand extends KilnCommand {
  static override summary = "Remove cached environments.";
  static override description =
    "KEY is a key that `debkiln env list` shows, or its beginning. What is removed is made again when it is needed. " +
    "What a running build uses stays, and the command fails.";
  static override examples = [
    { description: "Two of them", command: "<%= config.bin %> env rm 3f2a 91b0c4" },
    { description: "All that debkiln keeps in the engine", command: "<%= config.bin %> env rm --all" },
  ];
  static override strict = false;
  static override args = { key: Args.string({ description: "key or its beginning; several may be given" }) };
  static override flags = {
    all: Flags.boolean({ default: false, description: "remove all images that debkiln keeps" }),
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
