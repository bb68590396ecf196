import { KilnCommand } from "../command.ts";
import { asSettings } from "../flags.ts";
import { handFlags } from "../hand-flags.ts";

export class ShellCommand extends KilnCommand {
  static override summary = "Open a shell in an environment.";
  static override description =
    "Opens bash in a container: of a named environment (--env), or of the target's base, with packages if wanted. It has no " +
    "network and is the user that builds, unless you say otherwise. What you do there is thrown away when you leave, " +
    "unless --save keeps it in the named environment (all but /tmp and /var/tmp). Without a terminal it reads commands " +
    "from standard input. With --failed it begins in the tree of a build that `debkiln build --keep` kept. The exit code is " +
    "the shell's.";
  static override examples = [
    { description: "In a fresh system of trixie", command: "<%= config.bin %> shell -d trixie" },
    { description: "With a package, as root", command: "<%= config.bin %> shell --root --package strace" },
    {
      description: "In a named environment, to change it",
      command: "<%= config.bin %> shell --env dev --root --save",
    },
    { description: "In a build that failed with --keep", command: "<%= config.bin %> shell --failed sl" },
    { description: "A script", command: "<%= config.bin %> shell --env dev < script.sh" },
  ];
  static override flags = { ...handFlags };

  async run(): Promise<number> {
    const { flags } = await this.parse(ShellCommand);
    return await this.withSession(asSettings(flags), async (session) => {
      const { openShell } = await import("../hand.ts");
      return await openShell(session, flags);
    });
  }
}
