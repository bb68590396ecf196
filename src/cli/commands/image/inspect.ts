import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageInspectCommand extends KilnCommand {
  static override summary = "Show an image's labels and layers.";
  static override description =
    "Shows what an image's manifest and configuration say: digest, size, labels, and each layer with the source packages " +
    "in it; of an image in a registry also what is attached to it there (signatures, SBOM, provenance), which image " +
    "verify proves. No layer is fetched. --json gives all of it.";
  static override examples = [
    { description: "An image that was built", command: "<%= config.bin %> image inspect server.oci" },
    {
      description: "One in a registry, of one architecture",
      command: "<%= config.bin %> image inspect --arch arm64 registry.example/server:trixie",
    },
  ];
  static override args = {
    image: Args.string({
      description: "image: DIRECTORY[:NAME] of an OCI layout, or a reference",
      required: true,
    }),
  };
  static override flags = {
    arch: Flags.string({
      helpValue: "ARCH",
      description: "of an image for several architectures, the one to show",
    }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageInspectCommand);
    return await this.withSession(flags, async (session) => {
      const { inspectCommand } = await import("../../image-diff.ts");
      await inspectCommand(session, args.image, flags);
    });
  }
}
