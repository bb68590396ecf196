import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { envFlag, freshnessFlags } from "../hand-flags.ts";

export class InstallCommand extends KilnCommand {
  static override summary = "Install packages in a named environment.";
  static override description =
    "apt chooses, debkiln fetches and checks, and the packages are installed without a network. The environment changes as " +
    "a whole or, if anything fails, not at all; its lock says what it has then.";
  static override examples = [
    { description: "Two packages", command: "<%= config.bin %> install --env dev git vim" },
    {
      description: "One in a version, and another",
      command: "<%= config.bin %> install -e dev hello=2.10-5 jq",
    },
  ];
  static override strict = false;
  static override args = {
    package: Args.string({
      description: "NAME, NAME=VERSION or NAME/SUITE; several may be given",
      required: true,
    }),
  };
  static override flags = { ...envFlag, ...freshnessFlags };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(InstallCommand);
    return await this.withSession(flags, async (session) => {
      const { changeEnvironment } = await import("../named.ts");
      const { installWords } = await import("../../environment/named/apt-words.ts");
      await changeEnvironment(session, flags.env, installWords(argv.map(String)));
    });
  }
}
