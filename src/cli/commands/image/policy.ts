import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";

export class ImagePolicyCommand extends KilnCommand {
  static override summary = "Write what makes a host demand signatures.";
  static override description =
    "Prints the policy.json and the registries.d file by which podman, skopeo and bootc take images of a registry or " +
    "repository only with a signature of the key. With --output they are written below a directory, with the key, laid out " +
    "as on the host: add them to the image's files.";
  static override examples = [
    {
      description: "To look at",
      command: "<%= config.bin %> image policy --key images.pub registry.example/server",
    },
    {
      description: "To put into an image, which then takes nothing else",
      command:
        "<%= config.bin %> image policy --key images.pub --others reject --output files registry.example",
    },
  ];
  static override args = {
    scope: Args.string({ description: "registry, or repository in it", required: true }),
  };
  static override flags = {
    key: Flags.string({ helpValue: "FILE", required: true, description: "public key" }),
    "key-path": Flags.string({
      helpValue: "PATH",
      description: "where the key is on the host (default: a file under /usr/share/pki/containers)",
    }),
    others: Flags.option({
      options: ["accept", "reject"] as const,
      default: "accept",
      description: "what is done with images from elsewhere",
    })(),
    output: Flags.string({
      char: "o",
      helpValue: "DIR",
      description: "write the files below this directory",
    }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImagePolicyCommand);
    const { key, others, output, "key-path": keyPath, ...shared } = flags;
    return await this.withSession(shared, async (session) => {
      const { policyCommand } = await import("../../image-signing.ts");
      await policyCommand(session, { scope: args.scope, key, keyPath, others }, output);
    });
  }
}
