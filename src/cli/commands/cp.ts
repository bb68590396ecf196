import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";

export class CpCommand extends KilnCommand {
  static override summary = "Copy files into a named environment, or out of it.";
  static override description =
    "One of FROM and TO is NAME:PATH (out of a snapshot: NAME@SNAPSHOT:PATH), the other a path of this machine; a path with " +
    "a colon is written ./a:b. Copies go into a directory that is there, else under the new name, as with cp. What goes in is " +
    "kept, and belongs to the user that builds, or with --root to root. Of what comes out, links that lead out of it " +
    "and special files are left out, with a warning.";
  static override examples = [
    {
      description: "A tree, to work on it inside",
      command: "<%= config.bin %> cp . dev:/build/reproducible-path/work",
    },
    {
      description: "A result, to here",
      command: "<%= config.bin %> cp dev:/build/reproducible-path/work/out.txt .",
    },
  ];
  static override args = {
    from: Args.string({ description: "what is copied", required: true }),
    to: Args.string({ description: "where to", required: true }),
  };
  static override flags = {
    root: Flags.boolean({ default: false, description: "what goes in belongs to root" }),
    force: Flags.boolean({ char: "f", default: false, description: "replace what is there on this machine" }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(CpCommand);
    return await this.withSession(flags, async (session) => {
      const { copy } = await import("../copy.ts");
      await copy(session, args, flags);
    });
  }
}
