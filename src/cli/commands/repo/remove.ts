import { Args, Flags } from "@oclif/core";
import { Failure } from "../../../base/failure.ts";
import { KilnCommand } from "../../command.ts";
import { suiteFlag } from "../../repository-flags.ts";

export class RepoRemoveCommand extends KilnCommand {
  static override summary = "Remove packages from a repository.";
  static override description =
    "PACKAGE is the name of a binary or source package, NAME=VERSION for one version of it, or src:NAME for all that " +
    "a source gave. Files that no suite has any more are removed from the pool.";
  static override examples = [
    { description: "A package in all its versions", command: "<%= config.bin %> repo remove repo sl" },
    { description: "All that a source gave", command: "<%= config.bin %> repo remove repo src:curl" },
    {
      description: "Everything but the newest versions",
      command: "<%= config.bin %> repo remove repo --old",
    },
  ];
  static override strict = false;
  static override args = {
    dir: Args.string({ description: "directory of the repository", required: true }),
    package: Args.string({ description: "NAME, NAME=VERSION or src:NAME; several may be given" }),
  };
  static override flags = {
    ...suiteFlag,
    old: Flags.boolean({ default: false, description: "remove all versions but the newest of each package" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(RepoRemoveCommand);
    const [directory = "", ...words] = argv.map(String);
    if (words.length === 0 && !flags.old)
      throw new Failure("usage", "bad-command-line", "Name what to remove", {
        hint: "Give packages that `debkiln repo list` shows, or --old.",
      });
    return await this.withSession(flags, async (session) => {
      const { remove } = await import("../../repositories.ts");
      await remove(session, directory, words, flags);
    });
  }
}
