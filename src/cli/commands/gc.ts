import { Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";

export class GcCommand extends KilnCommand {
  static override summary = "Free disk space: remove cached images and downloads.";
  static override description =
    "Removes what the given rules no longer keep; without any, what was not used for 30 days. Superseded indices and " +
    "what crashed runs left behind always go. Safe beside running builds: what they use stays, and what was used within the last hour " +
    "stays too unless --older-than is shorter.";
  static override examples = [
    { description: "What was not used for 30 days", command: "<%= config.bin %> gc" },
    { description: "What it would remove", command: "<%= config.bin %> gc --dry-run" },
    {
      description: "Keep at most 20 GiB, of each target three",
      command: "<%= config.bin %> gc --max-size 20G --keep-last 3",
    },
    { description: "Everything that is not in use", command: "<%= config.bin %> gc --older-than 0" },
  ];
  static override flags = {
    "older-than": Flags.string({
      helpValue: "TIME",
      description: "remove what was not used for so long (30d)",
    }),
    "keep-last": Flags.integer({
      helpValue: "N",
      min: 0,
      description: "keep only the N last used images of each kind for each target",
    }),
    "max-size": Flags.string({
      helpValue: "SIZE",
      description: "remove what was used longest ago until the rest takes no more",
    }),
    "dry-run": Flags.boolean({ char: "n", default: false, description: "only show what would be removed" }),
  };

  async run(): Promise<number> {
    const { flags } = await this.parse(GcCommand);
    return await this.withSession(flags, async (session) => {
      const { runGarbageCollection } = await import("../garbage.ts");
      await runGarbageCollection(session, flags);
    });
  }
}
