import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImagePullCommand extends KilnCommand {
  static override summary = "Pull an image from a registry into an OCI layout.";
  static override description =
    "Fetches an image of one or all architectures into an OCI layout on disk, made where there is none. What the layout has " +
    "already is not fetched; everything that is gets checked against its digest, and the layout names the image when all " +
    "of it is there. A download that broke off is taken up where it did.";
  static override examples = [
    {
      description: "With all its architectures",
      command: "<%= config.bin %> image pull registry.example/server:trixie server.oci",
    },
    {
      description: "Of one architecture, under a name",
      command: "<%= config.bin %> image pull --arch arm64 registry.example/server server.oci:arm",
    },
  ];
  static override args = {
    reference: Args.string({ description: "image: REGISTRY/NAME[:TAG][@DIGEST]", required: true }),
    layout: Args.string({ description: "OCI layout to write to: DIRECTORY[:NAME]", required: true }),
  };
  static override flags = {
    arch: Flags.string({ helpValue: "ARCH", description: "the one architecture wanted (default: all)" }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImagePullCommand);
    return await this.withSession(flags, async (session) => {
      const { pullCommand } = await import("../../image-transfer.ts");
      await pullCommand(session, args, flags);
    });
  }
}
