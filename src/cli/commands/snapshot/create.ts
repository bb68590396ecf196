import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class SnapshotCreateCommand extends KilnCommand {
  static override summary = "Remember a named environment as it is now.";
  static override description =
    "A snapshot is a further name of the environment's image (a tag): it takes no time and no space. NAME@SNAPSHOT stands " +
    "for it where only reading is done, as in `debkiln shell --env dev@before`.";
  static override examples = [
    { description: "Before something daring", command: "<%= config.bin %> snapshot create dev before" },
    { description: "Called by the time", command: "<%= config.bin %> snapshot create dev" },
  ];
  static override args = {
    name: Args.string({ description: "named environment", required: true }),
    snapshot: Args.string({ description: "what to call the snapshot (default: the time)" }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(SnapshotCreateCommand);
    return await this.withSession(flags, async (session) => {
      const { takeSnapshot } = await import("../../snapshots.ts");
      await takeSnapshot(session, args.name, args.snapshot);
    });
  }
}
