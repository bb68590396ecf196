import { Args } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { passphraseFlag } from "../../registry-flags.ts";

export class ImageKeygenCommand extends KilnCommand {
  static override summary = "Make a key pair to sign images with.";
  static override description =
    "Writes an ECDSA P-256 key pair: PREFIX.key, which only its owner may read and which is encrypted with the passphrase " +
    "in --passphrase-file if there is one, and PREFIX.pub, which hosts need to verify images. Both are in PEM as openssl " +
    "writes it. An existing file is never written over.";
  static override examples = [
    { description: "images.key and images.pub", command: "<%= config.bin %> image keygen images" },
    {
      description: "With a passphrase",
      command: "<%= config.bin %> image keygen images --passphrase-file passphrase.txt",
    },
  ];
  static override args = {
    prefix: Args.string({ description: "path without its ending", default: "debkiln" }),
  };
  static override flags = { ...passphraseFlag };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageKeygenCommand);
    return await this.withSession(flags, async (session) => {
      const { keygenCommand } = await import("../../image-signing.ts");
      await keygenCommand(session, args.prefix, flags["passphrase-file"]);
    });
  }
}
