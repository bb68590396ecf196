import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { cacheFromFlags } from "../environment-cache-flags.ts";
import { choiceFlags, crossFlags, targetFlags } from "../flags.ts";
import { sourceFlags } from "../source-flags.ts";
import { choosingFlags } from "../variation-flags.ts";

export class ExplainCommand extends KilnCommand {
  static override summary = "Say which layers a build would find, and why not.";
  static override description =
    "For each layer of a source's environment (base, resolution, environment) it says whether it is there and what " +
    "differs, then what would be installed on which image and how much downloaded. Nothing is installed, and a " +
    "missing base is not made.";
  static override examples = [
    { description: "The source tree here", command: "<%= config.bin %> explain" },
    {
      description: "A package of the archive in another suite",
      command: "<%= config.bin %> explain -d sid jq",
    },
  ];
  static override args = {
    source: Args.string({ description: "tree, .dsc, address or package name", default: "." }),
  };
  static override flags = {
    ...targetFlags,
    ...choiceFlags,
    ...crossFlags,
    ...choosingFlags,
    ...sourceFlags,
    ...cacheFromFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ExplainCommand);
    return await this.withSession({ ...flags }, async (session) => {
      const { explainSource } = await import("../explain-source.ts");
      await explainSource(session, args.source, flags);
    });
  }
}
