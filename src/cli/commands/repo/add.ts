import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { suiteFlag } from "../../repository-flags.ts";

export class RepoAddCommand extends KilnCommand {
  static override summary = "Add packages to a repository.";
  static override description =
    "FILE is a .deb, a .dsc or a .changes, or a directory of a build's results. All of them are added or none, and " +
    "readers see the whole change at once. A package that is there with other bytes is refused unless it is to be " +
    "replaced; other versions stay beside the new one.";
  static override examples = [
    { description: "What a build gave", command: "<%= config.bin %> repo add repo sl_5.02-1_amd64/" },
    { description: "In place of older versions", command: "<%= config.bin %> repo add --replace repo *.deb" },
  ];
  static override strict = false;
  static override args = {
    dir: Args.string({ description: "directory of the repository", required: true }),
    file: Args.string({
      description: ".deb, .dsc, .changes or directory; several may be given",
      required: true,
    }),
  };
  static override flags = {
    ...suiteFlag,
    component: Flags.string({
      helpValue: "NAME",
      description: "component (default: the repository's first)",
    }),
    replace: Flags.boolean({
      default: false,
      description: "remove other versions and builds of the same packages",
    }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(RepoAddCommand);
    const [directory = "", ...files] = argv.map(String);
    return await this.withSession(flags, async (session) => {
      const { add } = await import("../../repositories.ts");
      await add(session, directory, files, flags);
    });
  }
}
