import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { envFlag, freshnessFlags } from "../hand-flags.ts";

export class AptCommand extends KilnCommand {
  static override summary = "Give apt any words, in a named environment.";
  static override description =
    "Words for apt-get that change packages (install, remove, purge, autoremove, upgrade, dist-upgrade, satisfy, build-dep) " +
    "with any of its options do so as `debkiln install` does. Questions (policy, show, search, list, depends, rdepends, " +
    "madison) are answered with the archive's indices. `update` asks the archive now.";
  static override examples = [
    {
      description: "Something instead of something",
      command: "<%= config.bin %> apt --env dev -- install --install-recommends vim nano-",
    },
    { description: "A question", command: "<%= config.bin %> apt --env dev -- policy gcc" },
    {
      description: "What nothing needs any more",
      command: "<%= config.bin %> apt --env dev -- autoremove --purge",
    },
  ];
  static override strict = false;
  static override args = {
    word: Args.string({ description: "apt's command and words, after --", required: true }),
  };
  static override flags = { ...envFlag, ...freshnessFlags };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(AptCommand);
    return await this.withSession(flags, async (session) => {
      const { runApt } = await import("../named.ts");
      return await runApt(session, flags.env, argv.map(String));
    });
  }
}
