import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { definitionFlags } from "../../image-flags.ts";

export class ImageCheckCommand extends KilnCommand {
  static override summary = "Check an image's definition, and show what would be built.";
  static override description =
    "Reads the definition and plans the image: which packages it asks for and why, which files are added, what is run in " +
    "it. Nothing is fetched or built, and no engine is needed; whether the packages exist is seen when they are resolved.";
  static override examples = [
    { description: "What it comes to", command: "<%= config.bin %> image check images/server.toml" },
    {
      description: "For another suite and architecture, for a script",
      command:
        "<%= config.bin %> image check images/server.toml --dist forky --backend composefs --arch arm64 --json",
    },
  ];
  static override args = { file: Args.string({ description: "definition in TOML", required: true }) };
  static override flags = definitionFlags;

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageCheckCommand);
    return await this.withSession(flags, async (session) => {
      const { checkImage } = await import("../../image-check.ts");
      await checkImage(session, args.file, flags);
    });
  }
}
