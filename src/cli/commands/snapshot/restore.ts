import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class SnapshotRestoreCommand extends KilnCommand {
  static override summary = "Make a named environment what it was at a snapshot.";
  static override description =
    "What the environment has become since is lost unless it has a snapshot of its own; the one restored stays.";
  static override examples = [
    { description: "As it was", command: "<%= config.bin %> snapshot restore dev before" },
  ];
  static override args = {
    name: Args.string({ description: "named environment", required: true }),
    snapshot: Args.string({ description: "its snapshot", required: true }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(SnapshotRestoreCommand);
    return await this.withSession(flags, async (session) => {
      const { goBack } = await import("../../snapshots.ts");
      await goBack(session, args.name, args.snapshot);
    });
  }
}
