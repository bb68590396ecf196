import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { signingFlags } from "../../repository-flags.ts";

export class RepoInitCommand extends KilnCommand {
  static override summary = "Make a signed apt repository in a directory.";
  static override description =
    "DIR becomes a repository that apt can use over http or as files: pool, dists with Packages, Sources and Contents, " +
    "each also by digest, and InRelease. It is signed with a key that debkiln makes for you, or with one of yours " +
    "(--key). Of a repository that is there already, what is named is added or changed.";
  static override examples = [
    { description: "A repository with the suite `local`", command: "<%= config.bin %> repo init repo" },
    {
      description: "Two suites, signed by your own key in gpg",
      command: "<%= config.bin %> repo init --suite trixie --suite sid --key gpg:4F2A1B90C3D4E5F6 repo",
    },
  ];
  static override args = { dir: Args.string({ description: "directory of the repository", required: true }) };
  static override flags = {
    suite: Flags.string({
      helpValue: "NAME",
      multiple: true,
      multipleNonGreedy: true,
      description: "suite to have (default: local); several may be given",
    }),
    component: Flags.string({
      helpValue: "NAME",
      multiple: true,
      multipleNonGreedy: true,
      description: "component to have (default: main); several may be given",
    }),
    arch: Flags.string({
      helpValue: "ARCH",
      multiple: true,
      multipleNonGreedy: true,
      description:
        "architecture that always has an index (default: this machine's); others come with packages",
    }),
    origin: Flags.string({ helpValue: "TEXT", description: "Origin of its Release files (debkiln)" }),
    label: Flags.string({ helpValue: "TEXT", description: "Label of its Release files (as the origin)" }),
    "valid-days": Flags.integer({
      helpValue: "N",
      min: 1,
      description: "let Release files expire after so many days; sign again before (`repo sign`)",
    }),
    ...signingFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(RepoInitCommand);
    return await this.withSession(flags, async (session) => {
      const { initialise } = await import("../../repositories.ts");
      await initialise(session, args.dir, flags);
    });
  }
}
