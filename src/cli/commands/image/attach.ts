import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageAttachCommand extends KilnCommand {
  static override summary = "Attach a file to an image in a registry.";
  static override description =
    "Attaches FILE, such as a bill of materials, a provenance or a report, to the image that REFERENCE names, whoever pushed " +
    "that: as a referrer, in the registry's list of such or under the tag that stands for it. The image stays as it is. " +
    "The same file is attached once. `image inspect` lists what is attached.";
  static override examples = [
    {
      description: "A bill of materials, whose type its name says",
      command: "<%= config.bin %> image attach registry.example/server:trixie server.spdx.json",
    },
    {
      description: "A scanner's report, to the image of one architecture",
      command:
        "<%= config.bin %> image attach registry.example/server:trixie report.json --type application/sarif+json --arch arm64",
    },
  ];
  static override args = {
    reference: Args.string({ description: "image: REGISTRY/NAME[:TAG][@DIGEST]", required: true }),
    file: Args.string({ description: "what is attached", required: true }),
  };
  static override flags = {
    type: Flags.string({
      helpValue: "TYPE",
      description:
        "its media type (default: by the name's end: .spdx.json, .cdx.json, .intoto.json, .sigstore.json)",
    }),
    arch: Flags.string({
      helpValue: "ARCH",
      description: "architecture whose image it is about (default: all, where there are several)",
    }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageAttachCommand);
    return await this.withSession(flags, async (session) => {
      const { attachCommand } = await import("../../image-attach.ts");
      await attachCommand(session, args, flags);
    });
  }
}
