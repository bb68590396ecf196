import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { envFlag, freshnessFlags } from "../hand-flags.ts";

export class UpgradeCommand extends KilnCommand {
  static override summary = "Upgrade packages of a named environment.";
  static override description =
    "Upgrades the packages named, or all, to what the archive has. It is asked again when what is known of it is older than " +
    "--max-age; `debkiln env update` asks in any case.";
  static override examples = [
    { description: "All", command: "<%= config.bin %> upgrade --env dev" },
    { description: "One", command: "<%= config.bin %> upgrade --env dev gcc-14" },
  ];
  static override strict = false;
  static override args = { package: Args.string({ description: "name; several may be given" }) };
  static override flags = { ...envFlag, ...freshnessFlags };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(UpgradeCommand);
    return await this.withSession(flags, async (session) => {
      const { changeEnvironment } = await import("../named.ts");
      const { upgradeWords } = await import("../../environment/named/apt-words.ts");
      await changeEnvironment(session, flags.env, upgradeWords(argv.map(String)));
    });
  }
}
