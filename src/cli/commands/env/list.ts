import { KilnCommand } from "../../command.ts";

export class EnvListCommand extends KilnCommand {
  static override summary = "List the environments.";
  static override description =
    "Lists the images that debkiln keeps in the engine: bases, package indices, environments with build dependencies, " +
    "failed builds that were kept, and named environments with their snapshots. The size of an environment is what it has beyond its base.";
  static override examples = [
    { description: "What there is", command: "<%= config.bin %> env list" },
    { description: "For a script", command: "<%= config.bin %> env list --json" },
  ];

  async run(): Promise<number> {
    const { flags } = await this.parse(EnvListCommand);
    return await this.withSession(flags, async (session) => {
      const { listEnvironments } = await import("../../environments.ts");
      await listEnvironments(session);
    });
  }
}
