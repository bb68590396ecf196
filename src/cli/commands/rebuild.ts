import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { checkFlags } from "../check-flags.ts";
import { buildFlags, limitFlags, proofFlags, targetFlags } from "../flags.ts";

export class RebuildCommand extends KilnCommand {
  static override summary = "Build again what somebody else has built, and compare.";
  static override description =
    "Reads a .buildinfo, makes the environment of exactly the versions in it, builds its source and says of each file " +
    "whether it came out the same, to the byte; of a binary-only rebuild (+b1) with the changelog entry that the " +
    ".buildinfo has. With --compare-archive the argument is a source, which is built in " +
    "today's environment and compared with the archive's own packages of the same versions. The exit code is 3 when " +
    "a file differs.";
  static override examples = [
    {
      description: "What a .buildinfo tells of",
      command: "<%= config.bin %> rebuild sl_5.02-1_amd64.buildinfo",
    },
    {
      description: "With the archive as it was then",
      command:
        "<%= config.bin %> rebuild --snapshot 20250301T000000Z --no-check-valid-until hello_2.10-5_amd64.buildinfo",
    },
    {
      description: "Whether the archive's packages can be made again",
      command: "<%= config.bin %> rebuild --compare-archive -d trixie jq",
    },
  ];
  static override args = {
    what: Args.string({ description: ".buildinfo file; with --compare-archive a source", required: true }),
  };
  static override flags = {
    "compare-archive": Flags.boolean({
      description: "build a source and compare with the archive's packages",
      exclusive: ["allow-newer", "dsc"],
    }),
    "allow-newer": Flags.boolean({
      description: "take the nearest newer version of what the archive no longer has",
    }),
    dsc: Flags.string({
      helpValue: "FILE|URL",
      description: "the source's .dsc (default: from the archive)",
    }),
    ...targetFlags,
    jobs: buildFlags.jobs,
    output: buildFlags.output,
    ...limitFlags,
    ...checkFlags,
    sbom: proofFlags.sbom,
    provenance: proofFlags.provenance,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(RebuildCommand);
    return await this.withSession(flags, async (session) => {
      if (flags["compare-archive"]) {
        const { compareWithArchive } = await import("../compare-archive.ts");
        await compareWithArchive(session, args.what, flags);
      } else {
        const { rebuildBuildinfo } = await import("../rebuild.ts");
        await rebuildBuildinfo(session, args.what, flags);
      }
    });
  }
}
