import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { definitionFlags, imageArchiveFlags } from "../../image-flags.ts";
import { passphraseFlag, registryFlags } from "../../registry-flags.ts";

export class ImageBuildCommand extends KilnCommand {
  static override summary = "Build a bootc image from its definition.";
  static override description =
    "Resolves and installs the definition's packages in containers without root, makes of them the root filesystem of a " +
    "bootc image, and writes it as a layered OCI image: to NAME.oci in the current directory, to the places of --output, " +
    "and with --push to a registry. The same definition and packages give the same image; what did not change is not " +
    "made again, and hosts and registries that have the image before fetch what changed.";
  static override examples = [
    { description: "Into server.oci", command: "<%= config.bin %> image build images/server.toml" },
    {
      description: "To a registry, signed, for two architectures",
      command:
        "<%= config.bin %> image build images/server.toml --arch amd64,arm64 --push registry.example/server:trixie --sign debkiln.key",
    },
    {
      description: "With packages that were just built, into podman's storage",
      command:
        "<%= config.bin %> image build images/server.toml --repo ./repository --output containers-storage:localhost/server",
    },
  ];
  static override args = { file: Args.string({ description: "definition in TOML", required: true }) };
  static override flags = {
    ...definitionFlags,
    output: Flags.string({
      char: "o",
      helpValue: "PLACE",
      multiple: true,
      multipleNonGreedy: true,
      description: "oci:DIRECTORY, oci-archive:FILE, docker-archive:FILE:NAME or containers-storage:NAME",
    }),
    push: Flags.string({
      helpValue: "REF",
      description: "push to a registry, such as registry.example/server:trixie",
    }),
    tag: Flags.string({
      helpValue: "TAG",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
      description: "further tag in the registry",
    }),
    overwrite: Flags.boolean({ description: "set tags even if somebody else moved them meanwhile" }),
    repo: Flags.string({
      helpValue: "DIR",
      multiple: true,
      multipleNonGreedy: true,
      description: "take packages of a local repository too (debkiln repo, debkiln chain)",
    }),
    "write-lock": Flags.string({
      helpValue: "FILE",
      description: "write the lock of all packages, which [debian] lock of a definition takes",
    }),
    previous: Flags.string({
      helpValue: "PLACE",
      description:
        "image whose layers are kept where they can be (default: the one at --push, else in the layout)",
    }),
    repack: Flags.option({
      options: ["when-it-pays", "always"] as const,
      default: "when-it-pays",
      description: "when layers are divided anew",
    })(),
    attest: Flags.boolean({
      allowNo: true,
      default: true,
      description: "attach SBOM and provenance to what is pushed",
    }),
    sign: Flags.string({ helpValue: "KEY", description: "sign what is pushed with a private key (PEM)" }),
    ...imageArchiveFlags,
    ...passphraseFlag,
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageBuildCommand);
    return await this.withSession(
      { ...flags, output: undefined, check_valid_until: flags["check-valid-until"] },
      async (session) => {
        const { buildImages } = await import("../../image-build.ts");
        await buildImages(session, args.file, flags);
      },
    );
  }
}
