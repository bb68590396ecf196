import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { suiteFlag } from "../../repository-flags.ts";

export class RepoListCommand extends KilnCommand {
  static override summary = "List the packages of a repository.";
  static override description =
    "Lists the binary and source packages of a suite as they are published, with version, architecture and size.";
  static override examples = [
    { description: "What there is", command: "<%= config.bin %> repo list repo" },
    { description: "For a script", command: "<%= config.bin %> repo list --json repo" },
  ];
  static override args = { dir: Args.string({ description: "directory of the repository", required: true }) };
  static override flags = suiteFlag;

  async run(): Promise<number> {
    const { args, flags } = await this.parse(RepoListCommand);
    return await this.withSession(flags, async (session) => {
      const { list } = await import("../../repositories.ts");
      await list(session, args.dir, flags);
    });
  }
}
