import { Args, Flags } from "@oclif/core";
import { chainFlags } from "../chain-flags.ts";
import { KilnCommand } from "../command.ts";
import { asSettings } from "../flags.ts";

export class RdepsCommand extends KilnCommand {
  static override summary = "List or build the source packages that need a package to be built.";
  static override description =
    "PACKAGE is a binary or virtual package, or src:NAME for all packages of a source. The archive's signed indices " +
    "tell which sources of the target's suite name it in their build dependencies. With --build each of them is " +
    "built against the archive and the repository given with --repo, none with the results of another.";
  static override examples = [
    { description: "What needs a library", command: "<%= config.bin %> rdeps -d trixie libyaml-dev" },
    {
      description: "Whether all of it still builds with the new version in a repository",
      command: "<%= config.bin %> rdeps -d trixie --build --repo repo src:libyaml",
    },
  ];
  static override strict = false;
  static override args = {
    package: Args.string({ description: "package or src:NAME; several may be given", required: true }),
  };
  static override flags = {
    build: Flags.boolean({ default: false, description: "build them" }),
    repo: Flags.string({
      helpValue: "DIR",
      description: "repository that they are built with (default: repo, beside the results)",
    }),
    ...chainFlags,
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(RdepsCommand);
    return await this.withSession(asSettings(flags), async (session) => {
      const { showReverseDependencies } = await import("../reverse-dependencies.ts");
      await showReverseDependencies(session, argv.map(String), flags);
    });
  }
}
