import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../../command.ts";
import { registryFlags } from "../../registry-flags.ts";

export class ImageLintCommand extends KilnCommand {
  static override summary = "Examine an image or a root filesystem as bootc does, and further.";
  static override description =
    "Runs the lints of `bootc container lint` 1.16.9 and debkiln's own over SUBJECT: a directory or tar with a root " +
    "filesystem, an OCI layout, an archive of images, or an image of the engine or a registry. Prints what is wrong with " +
    "how to mend it, then the counts, as bootc does. Exits with 3 when a fatal lint fails.";
  static override examples = [
    { description: "An image of a layout", command: "<%= config.bin %> image lint server.oci" },
    {
      description: "A root filesystem, mending what can be mended",
      command: "<%= config.bin %> image lint --fix rootfs",
    },
    {
      description: "An image, mended by a further layer",
      command: "<%= config.bin %> image lint --fix --output mended.oci server.oci",
    },
    {
      description: "As strictly as can be, but for one lint",
      command: "<%= config.bin %> image lint --fatal-warnings --skip var-log registry.example/server",
    },
    { description: "All lints", command: "<%= config.bin %> image lint --list" },
  ];
  static override args = {
    subject: Args.string({
      description: "DIRECTORY, FILE, [oci:]DIRECTORY:NAME, containers-storage:NAME or a reference",
    }),
  };
  static override flags = {
    "fatal-warnings": Flags.boolean({ description: "let warnings count as failures" }),
    skip: Flags.string({
      helpValue: "NAME",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
      description: "pass over this lint",
    }),
    list: Flags.boolean({ description: "list all lints, as YAML" }),
    "no-truncate": Flags.boolean({ description: "print all of a lint's findings, not the first five" }),
    fix: Flags.boolean({
      description: "mend what can be mended: a directory in place, an image into --output",
    }),
    output: Flags.string({
      char: "o",
      helpValue: "PLACE",
      description:
        "where the mended image goes: [oci:]DIRECTORY[:NAME], oci-archive:FILE or docker-archive:FILE:NAME",
    }),
    only: Flags.option({
      options: ["bootc", "debkiln"] as const,
      description: "run bootc's or debkiln's own lints only",
    })(),
    root: Flags.option({
      options: ["running", "alternative"] as const,
      description: "run what bootc runs on a running or another root (default: all; for /: running)",
    })(),
    backend: Flags.option({
      options: ["ostree", "composefs"] as const,
      description: "backend that the image is for (default: either will do)",
    })(),
    "allow-set-id": Flags.string({
      helpValue: "PATH",
      multiple: true,
      multipleNonGreedy: true,
      description: "set-uid, set-gid or capable program that is wanted",
    }),
    arch: Flags.string({ helpValue: "ARCH", description: "architecture, where there are several" }),
    ...registryFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(ImageLintCommand);
    return await this.withSession(flags, async (session) => {
      const { listLints, lintSubject } = await import("../../lint-subject.ts");
      if (flags.list) listLints(session);
      else await lintSubject(session, args.subject, flags);
    });
  }
}
