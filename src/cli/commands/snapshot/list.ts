import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class SnapshotListCommand extends KilnCommand {
  static override summary = "List the snapshots of named environments.";
  static override description =
    "Lists the snapshots of one named environment, or of all, with the last change in each.";
  static override examples = [
    { description: "Of one", command: "<%= config.bin %> snapshot list dev" },
    { description: "For a script", command: "<%= config.bin %> snapshot list --json" },
  ];
  static override args = { name: Args.string({ description: "named environment (default: all)" }) };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(SnapshotListCommand);
    return await this.withSession(flags, async (session) => {
      const { showSnapshots } = await import("../../snapshots.ts");
      await showSnapshots(session, args.name);
    });
  }
}
