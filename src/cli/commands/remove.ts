import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { envFlag, freshnessFlags } from "../hand-flags.ts";

export class RemoveCommand extends KilnCommand {
  static override summary = "Remove packages from a named environment.";
  static override description =
    "Removes packages, and those that need them. The environment changes as a whole or, if anything fails, not at all.";
  static override examples = [
    { description: "One package", command: "<%= config.bin %> remove --env dev vim" },
    {
      description: "With its configuration and what came only with it",
      command: "<%= config.bin %> remove -e dev --purge --autoremove vim",
    },
  ];
  static override strict = false;
  static override args = {
    package: Args.string({ description: "name; several may be given", required: true }),
  };
  static override flags = {
    ...envFlag,
    purge: Flags.boolean({ default: false, description: "remove their configuration files too" }),
    autoremove: Flags.boolean({ default: false, description: "remove what came only with them too" }),
    ...freshnessFlags,
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(RemoveCommand);
    return await this.withSession(flags, async (session) => {
      const { changeEnvironment } = await import("../named.ts");
      const { removeWords } = await import("../../environment/named/apt-words.ts");
      await changeEnvironment(session, flags.env, removeWords(argv.map(String), flags));
    });
  }
}
