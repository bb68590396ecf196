import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageDiffCommand extends KilnCommand {
  static override summary = "Show what differs between two images, and what an update would fetch.";
  static override description =
    "Compares two images: the packages that are installed, every file, and the layers. The last line tells how much a host " +
    "that has the first fetches to have the second. Images are OCI layouts, archives that docker, podman or skopeo wrote, or " +
    "named as `debkiln image push` names them. Layers that both have are read once.";
  static override examples = [
    { description: "Two builds", command: "<%= config.bin %> image diff server-1.oci server-2.oci" },
    {
      description: "What an update of the image in use would bring, file by file",
      command: "<%= config.bin %> image diff --files registry.example/server:trixie server.oci",
    },
  ];
  static override args = {
    before: Args.string({
      description: "image to compare with: DIRECTORY[:NAME] or a reference",
      required: true,
    }),
    after: Args.string({ description: "image that is compared", required: true }),
  };
  static override flags = {
    files: Flags.boolean({ default: false, description: "name each file that differs" }),
    arch: Flags.string({
      helpValue: "ARCH",
      description: "of images for several architectures, the one to compare",
    }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageDiffCommand);
    // The setting of this name is of other files.
    return await this.withSession({ ...flags, files: undefined }, async (session) => {
      const { diffCommand } = await import("../../image-diff.ts");
      await diffCommand(session, args, flags);
    });
  }
}
