import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageVerifyCommand extends KilnCommand {
  static override summary = "Verify that an image in a registry is signed by a key.";
  static override description =
    "Looks for signatures of a key in both forms that `debkiln image sign` writes, and prints the image by its digest, what " +
    "it is signed as, and what else the key says of it. Ends with 5 when there is no signature of that key for that name.";
  static override examples = [
    {
      description: "By a public key",
      command: "<%= config.bin %> image verify --key images.pub registry.example/server:trixie",
    },
  ];
  static override args = {
    reference: Args.string({ description: "image: REGISTRY/NAME[:TAG][@DIGEST]", required: true }),
  };
  static override flags = {
    key: Flags.string({ helpValue: "FILE", required: true, description: "public key" }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageVerifyCommand);
    return await this.withSession(flags, async (session) => {
      const { verifyCommand } = await import("../../image-signing.ts");
      await verifyCommand(session, args.reference, flags);
    });
  }
}
