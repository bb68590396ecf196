import { Args, Flags } from "@oclif/core";
import { targetFlags } from "../../flags.ts";
import { fromFlags } from "../../hand-flags.ts";
import { KilnCommand } from "../../command.ts";

export class EnvInitCommand extends KilnCommand {
  static override summary = "Make a named environment that lasts.";
  static override description =
    "NAME is an image, made of the target's base and the packages named. `debkiln shell --env NAME` and its kin work in " +
    "it; `debkiln install`, `remove` and `upgrade` change it. It stays until `debkiln env rm NAME`. Without NAME, the base " +
    "that environments of the target stand on is made ready.";
  static override examples = [
    {
      description: "For trixie, with two packages",
      command: "<%= config.bin %> env init dev -d trixie git vim",
    },
    { description: "A base, ahead of the first build", command: "<%= config.bin %> env init -d sid" },
    {
      description: "As somebody else made it",
      command: "<%= config.bin %> env init dev --from registry.example/envs/dev@sha256:...",
    },
    { description: "Once more from the beginning", command: "<%= config.bin %> env init --replace dev" },
  ];
  static override strict = false;
  static override args = {
    name: Args.string({ description: "what to call it" }),
    package: Args.string({ description: "package that it has; several may be given" }),
  };
  static override flags = {
    ...fromFlags,
    ...targetFlags,
    replace: Flags.boolean({ default: false, description: "in place of one of that name; snapshots stay" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(EnvInitCommand);
    const [name, ...packages] = argv.map(String);
    return await this.withSession(flags, async (session) => {
      const { initEnvironment } = await import("../../named.ts");
      await initEnvironment(session, { name, packages }, flags);
    });
  }
}
