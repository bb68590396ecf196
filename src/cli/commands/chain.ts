import { Args, Flags } from "@oclif/core";
import { chainFlags } from "../chain-flags.ts";
import { KilnCommand } from "../command.ts";
import { asSettings } from "../flags.ts";
import { sourceFlags } from "../source-flags.ts";

export class ChainCommand extends KilnCommand {
  static override summary = "Build several sources, each with the results of those that it needs.";
  static override description =
    "The order comes from the build dependencies. Several are built at once; what one gives goes into a signed apt " +
    "repository, and the builds after it see it there. What was built before from the same source in the same " +
    "environment is not built again, so a chain that was stopped goes on where it was.";
  static override examples = [
    {
      description: "Two trees, of which one needs the other",
      command: "<%= config.bin %> chain ./libfoo ./foo",
    },
    {
      description: "Packages of the archive, four at once, as far as it goes",
      command: "<%= config.bin %> chain -d trixie -j 4 --continue libyaml libfastjson rsyslog",
    },
    {
      description: "Into a repository of yours, on two processors and in 4 GiB altogether",
      command: "<%= config.bin %> chain --repo ~/repo --cpu-budget 2 --memory-budget 4G ./*/",
    },
    {
      description: "For another architecture by cross compilers, and without tests here",
      command:
        "<%= config.bin %> chain --host arm64 ./libfoo ./foo\n<%= config.bin %> chain --no-check ./libfoo ./foo",
    },
    {
      description: "What a new libfoo makes necessary, as binNMUs",
      command:
        "<%= config.bin %> chain -d sid --make-binnmu 'Rebuild against libfoo2' -m 'Jane Doe <jane@mirror.example>' bar baz",
    },
    { description: "Only the order", command: "<%= config.bin %> chain --dry-run ./*/" },
  ];
  static override strict = false;
  static override args = {
    source: Args.string({
      description: "tree, .dsc, address or package name; several may be given",
      required: true,
    }),
  };
  static override flags = {
    repo: Flags.string({
      helpValue: "DIR",
      description: "repository that the results go into (default: repo, beside the results)",
    }),
    continue: Flags.boolean({
      char: "c",
      default: false,
      exclusive: ["recurse"],
      description: "after a failure go on with what does not need it",
    }),
    recurse: Flags.boolean({
      default: false,
      description: "as --continue, then try again what failed as long as that helps",
    }),
    "dry-run": Flags.boolean({ char: "n", default: false, description: "only show the order" }),
    ...sourceFlags,
    ...chainFlags,
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(ChainCommand);
    return await this.withSession(asSettings(flags), async (session) => {
      const { buildChain } = await import("../chain.ts");
      const onFailure = flags.recurse ? "recurse" : flags.continue ? "continue" : "stop";
      await buildChain(session, argv.map(String), { ...flags, onFailure });
    });
  }
}
