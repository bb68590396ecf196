import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { targetFlags } from "../../flags.ts";

export class EnvUpdateCommand extends KilnCommand {
  static override summary = "Bring environments up to date.";
  static override description =
    "Asks the archive now. With names, upgrades all packages of these environments; without, makes the target's base " +
    "current, which builds do by themselves when it is older than --max-age.";
  static override examples = [
    { description: "A named one", command: "<%= config.bin %> env update dev" },
    { description: "The base of sid", command: "<%= config.bin %> env update -d sid" },
  ];
  static override strict = false;
  static override args = { name: Args.string({ description: "named environment; several may be given" }) };
  static override flags = { ...targetFlags };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(EnvUpdateCommand);
    return await this.withSession(flags, async (session) => {
      const { updateEnvironments } = await import("../../named.ts");
      await updateEnvironments(session, argv.map(String), flags);
    });
  }
}
