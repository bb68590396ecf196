import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { definitionFlags, imageArchiveFlags } from "../../image-flags.ts";

export class ImageCheckCommand extends KilnCommand {
  static override summary = "Check an image's definition, and show what would be built.";
  static override description =
    "Reads the definition and plans the image: which packages it asks for and why, which files are added, what is run in " +
    "it. Nothing is fetched or built, and no engine is needed, unless --resolve asks the archive which packages these come to.";
  static override examples = [
    { description: "What it comes to", command: "<%= config.bin %> image check images/server.toml" },
    {
      description: "Whether the archive has what it asks for",
      command: "<%= config.bin %> image check --resolve images/server.toml",
    },
    {
      description: "For another suite and architecture, for a script",
      command:
        "<%= config.bin %> image check images/server.toml --dist forky --backend composefs --arch arm64 --json",
    },
  ];
  static override args = { file: Args.string({ description: "definition in TOML", required: true }) };
  static override flags = {
    ...definitionFlags,
    ...imageArchiveFlags,
    resolve: Flags.boolean({ description: "ask the archive for the packages, with what they depend on" }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageCheckCommand);
    return await this.withSession(flags, async (session) => {
      const { checkImage } = await import("../../image-check.ts");
      await checkImage(session, args.file, flags);
    });
  }
}
