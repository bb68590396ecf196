import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { passphraseFlag, registryFlags } from "../../registry-flags.ts";

export class ImagePushCommand extends KilnCommand {
  static override summary = "Push an image to a registry, an archive or an engine.";
  static override description =
    "Takes an image from an OCI layout on disk and brings it to a registry: what the registry has already is not sent, and " +
    "the tag is set when everything else is there. A push that fails changes no tag, and one that is run again goes on " +
    "where it stopped. DESTINATION is registry.example/name:tag, or one of oci:DIRECTORY[:NAME], oci-archive:FILE[:NAME], " +
    "docker-archive:FILE:NAME and containers-storage:NAME (the engine in use), as podman and skopeo write them.";
  static override examples = [
    {
      description: "To a registry, under two tags",
      command: "<%= config.bin %> image push server.oci registry.example/server:trixie --tag latest",
    },
    {
      description: "To one on this machine without TLS",
      command: "<%= config.bin %> image push --tls-verify=false server.oci localhost:5000/server",
    },
    {
      description: "Into podman's or docker's storage",
      command: "<%= config.bin %> image push server.oci containers-storage:localhost/server",
    },
  ];
  static override args = {
    layout: Args.string({ description: "OCI layout: DIRECTORY[:NAME]", required: true }),
    destination: Args.string({ description: "where to", required: true }),
  };
  static override flags = {
    tag: Flags.string({
      helpValue: "TAG",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
      description: "further tag in the registry",
    }),
    "mount-from": Flags.string({
      helpValue: "NAME",
      multiple: true,
      multipleNonGreedy: true,
      description: "repository of the same registry that may have parts of the image",
    }),
    overwrite: Flags.boolean({ description: "set tags even if somebody else moved them meanwhile" }),
    arch: Flags.string({
      helpValue: "ARCH",
      description: "one architecture of an image for several (default: all, and of engines their own)",
    }),
    "sign-key": Flags.string({
      helpValue: "FILE",
      description: "private key to sign the image with before its tags are set",
    }),
    ...passphraseFlag,
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImagePushCommand);
    return await this.withSession(flags, async (session) => {
      const { pushCommand } = await import("../../image-transfer.ts");
      await pushCommand(session, args, flags);
    });
  }
}
