import { KilnCommand } from "../command.ts";

export class TargetsCommand extends KilnCommand {
  static override summary = "List what can be built for.";
  static override description =
    "Lists the targets of your settings and debian-SUITE-ARCH for each suite of Debian and each architecture that runs " +
    "on this machine, and says which have a base cached. Any of them may be given with --target (-r).";
  static override examples = [
    { description: "What there is", command: "<%= config.bin %> targets" },
    { description: "For a script", command: "<%= config.bin %> targets --json" },
  ];

  async run(): Promise<number> {
    const { flags } = await this.parse(TargetsCommand);
    return await this.withSession(flags, async (session) => {
      const { showTargets } = await import("../targets.ts");
      await showTargets(session);
    });
  }
}
