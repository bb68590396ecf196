import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class RepoVerifyCommand extends KilnCommand {
  static override summary = "Compare a repository with what its signed indices say.";
  static override description =
    "Checks the signatures of all suites, every index in each of its forms, and the size and digest of every file in " +
    "the pool. It says all that is wrong and then exits with 5; it changes nothing.";
  static override examples = [
    { description: "Whether all is well", command: "<%= config.bin %> repo verify repo" },
    {
      description: "With the key that readers have, not the one that lies in the repository",
      command: "<%= config.bin %> repo verify --key-file key.asc repo",
    },
  ];
  static override args = { dir: Args.string({ description: "directory of the repository", required: true }) };
  static override flags = {
    "key-file": Flags.string({
      helpValue: "FILE",
      description: "public key that it must be signed with (default: key.asc in the repository)",
    }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(RepoVerifyCommand);
    return await this.withSession(flags, async (session) => {
      const { verify } = await import("../../repositories.ts");
      await verify(session, args.dir, flags);
    });
  }
}
