import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class EnvExportCommand extends KilnCommand {
  static override summary = "Write an environment with its lock to an archive or a registry.";
  static override description =
    "ENVIRONMENT is a name, NAME@SNAPSHOT, or a key of `debkiln env list`. PLACE is oci-archive:FILE, " +
    "docker-archive:FILE:NAME, oci:DIRECTORY or a registry's reference. The image is one that podman and docker can run; its " +
    "lock travels in a label, and `--from` of `env init`, `shell` and `exec` compares the two where it arrives. An environment " +
    "that has other packages than its lock says is refused; what else was done in it by hand is told.";
  static override examples = [
    { description: "To a file", command: "<%= config.bin %> env export dev oci-archive:dev.tar" },
    { description: "To a registry", command: "<%= config.bin %> env export dev registry.example/envs/dev:1" },
  ];
  static override args = {
    environment: Args.string({ description: "name or key", required: true }),
    place: Args.string({ description: "where to", required: true }),
  };
  static override flags = { ...registryFlags };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(EnvExportCommand);
    return await this.withSession(flags, async (session) => {
      const { exportEnvironment } = await import("../../portable.ts");
      await exportEnvironment(session, { word: args.environment, destination: args.place }, flags);
    });
  }
}
