import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { asSettings } from "../flags.ts";
import { handFlags } from "../hand-flags.ts";

export class ExecCommand extends KilnCommand {
  static override summary = "Run one command in an environment.";
  static override description =
    "Runs a command in a container of a named environment (--env) or of the target's base, with this command's input " +
    "and output. It has no network and is the user that builds, unless you say otherwise. What it changes is thrown away, " +
    "unless --save keeps it in the named environment when it succeeds. The exit code is the command's.";
  static override examples = [
    { description: "Of a fresh system", command: "<%= config.bin %> exec -d sid -- dpkg-query -W gcc" },
    { description: "Of a named one", command: "<%= config.bin %> exec --env dev -- make check" },
    {
      description: "In the tree of a build that failed with --keep",
      command: "<%= config.bin %> exec --failed sl -- cat config.log",
    },
    {
      description: "To be kept",
      command: "<%= config.bin %> exec --env dev --root --save -- adduser --system me",
    },
  ];
  static override strict = false;
  static override args = {
    command: Args.string({ description: "command and its words, after --", required: true }),
  };
  static override flags = {
    ...handFlags,
    tty: Flags.boolean({ char: "t", default: false, description: "give it the terminal" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(ExecCommand);
    return await this.withSession(asSettings(flags), async (session) => {
      const { execute } = await import("../hand.ts");
      return await execute(session, argv.map(String), flags);
    });
  }
}
