import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { passphraseFlag, registryFlags } from "../../registry-flags.ts";

export class ImageSignCommand extends KilnCommand {
  static override summary = "Sign an image in a registry.";
  static override description =
    "Signs an image, with all its architectures, in two forms: as podman, skopeo and bootc verify it by policy.json " +
    "(cosign's sha256-....sig), and as a sigstore bundle that is attached to it. The signature is for the name with its tag; " +
    "sign each tag that hosts follow, or sign while pushing with `debkiln image push --sign-key`. What is signed already " +
    "stays as it is.";
  static override examples = [
    {
      description: "With a key of image keygen",
      command: "<%= config.bin %> image sign --key images.key registry.example/server:trixie",
    },
  ];
  static override args = {
    reference: Args.string({ description: "image: REGISTRY/NAME[:TAG][@DIGEST]", required: true }),
  };
  static override flags = {
    key: Flags.string({ helpValue: "FILE", required: true, description: "private key" }),
    ...passphraseFlag,
    form: Flags.option({
      options: ["cosign", "bundle"] as const,
      description: "sign in one form only",
    })(),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageSignCommand);
    return await this.withSession(flags, async (session) => {
      const { signCommand } = await import("../../image-signing.ts");
      await signCommand(session, args.reference, flags);
    });
  }
}
