import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { targetFlags } from "../flags.ts";

export class FetchCommand extends KilnCommand {
  static override summary = "Bring everything that a lock names to one place.";
  static override description =
    "Packages, source files and the base image come into one directory, or into one archive when the name ends in " +
    ".tar; both are OCI image layouts. Each file is checked against the lock. What is there already is kept, so that " +
    "an interrupted fetch goes on where it was.";
  static override examples = [
    { description: "Into the directory lock.fetched", command: "<%= config.bin %> fetch lock.json" },
    {
      description: "Into an archive, from a mirror that has old versions",
      command: "<%= config.bin %> fetch lock.json -o jq.tar --mirror https://mirror.example/debian",
    },
  ];
  static override args = {
    lock: Args.string({
      description: "lock, or a directory with a lock.json such as a build's results",
      default: "lock.json",
    }),
  };
  static override flags = {
    output: Flags.string({
      char: "o",
      helpValue: "DIR|FILE.tar",
      description: "where to (default: the lock's name with .fetched)",
    }),
    mirror: targetFlags.mirror,
    snapshot: targetFlags.snapshot,
    "snapshot-mirror": targetFlags["snapshot-mirror"],
    proxy: targetFlags.proxy,
    "ca-bundle": targetFlags["ca-bundle"],
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(FetchCommand);
    const { output: _, ...settings } = flags;
    return await this.withSession(settings, async (session) => {
      const { fetchNamedLock } = await import("../fetch-lock.ts");
      await fetchNamedLock(session, args.lock, flags);
    });
  }
}
