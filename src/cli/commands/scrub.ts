import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { targetFlags } from "../flags.ts";

export class ScrubCommand extends KilnCommand {
  static override summary = "Empty caches, by kind or all.";
  static override description =
    "CACHE is bases, indices, environments, imported or failed (images in the engine), compilers (volumes in the engine, see " +
    "--ccache of `debkiln build`), downloads or sources (files). All of it is " +
    "made or fetched again when it is needed; what running builds use stays. Named environments are no cache: `debkiln env rm " +
    "NAME`. To free space by age and size, see `debkiln gc`.";
  static override examples = [
    {
      description: "What builds of sid made",
      command: "<%= config.bin %> scrub environments -r debian-sid-amd64",
    },
    { description: "Two kinds", command: "<%= config.bin %> scrub indices downloads" },
    { description: "What would go of all", command: "<%= config.bin %> scrub --all --dry-run" },
  ];
  static override strict = false;
  static override args = { cache: Args.string({ description: "kind of cache; several may be given" }) };
  static override flags = {
    all: Flags.boolean({ default: false, description: "empty all caches" }),
    target: targetFlags.target,
    "dry-run": Flags.boolean({ char: "n", default: false, description: "only show what would be removed" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(ScrubCommand);
    return await this.withSession(flags, async (session) => {
      const { runScrub } = await import("../garbage.ts");
      await runScrub(session, argv.map(String), flags);
    });
  }
}
