import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class SnapshotRmCommand extends KilnCommand {
  static override summary = "Remove snapshots of a named environment.";
  static override description =
    "Removes snapshots; the environment stays as it is. `debkiln env rm NAME` removes it with all its snapshots.";
  static override examples = [{ description: "One", command: "<%= config.bin %> snapshot rm dev before" }];
  static override strict = false;
  static override args = {
    name: Args.string({ description: "named environment", required: true }),
    snapshot: Args.string({ description: "its snapshot; several may be given", required: true }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(SnapshotRmCommand);
    const [name = "", ...snapshots] = argv.map(String);
    return await this.withSession(flags, async (session) => {
      const { dropSnapshots } = await import("../../snapshots.ts");
      await dropSnapshots(session, name, snapshots);
    });
  }
}
