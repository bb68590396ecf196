import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageSbomCommand extends KilnCommand {
  static override summary = "Say what is in an image, as a bill of materials.";
  static override description =
    "Reads dpkg's database in SUBJECT, which is named as for `image lint`, and prints a bill of materials in the form of " +
    "SPDX 2.3: the image CONTAINS its packages, each with version, source, maintainer and package URL. The same image " +
    "gives the same bytes.";
  static override examples = [
    { description: "Of an image of a layout", command: "<%= config.bin %> image sbom server.oci" },
    {
      description: "Of an image of a registry, into a file",
      command: "<%= config.bin %> image sbom registry.example/server:trixie -o server.spdx.json",
    },
  ];
  static override args = {
    subject: Args.string({
      description: "DIRECTORY, FILE, [oci:]DIRECTORY:NAME, containers-storage:NAME or a reference",
      required: true,
    }),
  };
  static override flags = {
    output: Flags.string({
      char: "o",
      helpValue: "FILE",
      description: "where it is written (default: standard output)",
    }),
    name: Flags.string({
      helpValue: "NAME",
      description: "what the bill calls the image (default: SUBJECT)",
    }),
    arch: Flags.string({ helpValue: "ARCH", description: "architecture, where there are several" }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageSbomCommand);
    const { output: _, ...settings } = flags;
    return await this.withSession(settings, async (session) => {
      const { writeImageSbom } = await import("../../image-sbom.ts");
      await writeImageSbom(session, args.subject, flags);
    });
  }
}
