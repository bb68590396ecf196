import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { signingFlags } from "../../repository-flags.ts";

export class RepoSignCommand extends KilnCommand {
  static override summary = "Sign a repository again, or with another key.";
  static override description =
    "Publishes all suites anew as they are, with new dates and signatures. The public key comes to key.asc in the " +
    "repository; those who use it need it when it is another than before.";
  static override examples = [
    { description: "Before its Release files expire", command: "<%= config.bin %> repo sign repo" },
    {
      description: "From now on with a key of yours",
      command: "<%= config.bin %> repo sign --key gpg:4F2A1B90C3D4E5F6 repo",
    },
  ];
  static override args = { dir: Args.string({ description: "directory of the repository", required: true }) };
  static override flags = signingFlags;

  async run(): Promise<number> {
    const { args, flags } = await this.parse(RepoSignCommand);
    return await this.withSession(flags, async (session) => {
      const { sign } = await import("../../repositories.ts");
      await sign(session, args.dir, flags);
    });
  }
}
