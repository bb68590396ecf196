import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { limitFlags, targetFlags } from "../flags.ts";

export class BuildCommand extends KilnCommand {
  static override summary = "Build Debian packages from a source.";
  static override description =
    "SOURCE is an unpacked source tree, a .dsc file or its address, or the name of a package in the archive " +
    "(NAME or NAME=VERSION); the default is the tree in the current directory. The results go to a directory of " +
    "their own, NAME_VERSION_ARCH, under --output: packages, .changes, .buildinfo, the log, lock.json and result.json.";
  static override examples = [
    {
      description: "The source tree here, for the suite that its changelog names",
      command: "<%= config.bin %> build",
    },
    { description: "A package of the archive, by name", command: "<%= config.bin %> build sl" },
    { description: "For another suite", command: "<%= config.bin %> build -d bookworm hello_2.10-3.dsc" },
    {
      description: "Only the architecture-independent packages, without tests",
      command: "<%= config.bin %> build -A --build-option nocheck .",
    },
    { description: "A look into what failed", command: "<%= config.bin %> build --shell-on-fail ." },
  ];
  static override strict = false;
  static override args = {
    source: Args.string({
      description: "tree, .dsc, address or package name; several may be given",
      default: ".",
    }),
  };
  static override flags = {
    ...targetFlags,
    "arch-all": Flags.boolean({
      char: "A",
      description: "build architecture-independent packages only",
    }),
    "arch-any": Flags.boolean({ description: "build architecture-dependent packages only" }),
    source: Flags.boolean({ char: "s", description: "build the source package too" }),
    profiles: Flags.string({
      helpValue: "LIST",
      multiple: true,
      delimiter: ",",
      description: "build profiles",
    }),
    "build-option": Flags.string({
      helpValue: "WORD",
      multiple: true,
      description: "add to DEB_BUILD_OPTIONS, such as nocheck",
    }),
    jobs: Flags.integer({
      char: "j",
      min: 1,
      description: "parallel jobs in the build (default: the engine's processors)",
    }),
    output: Flags.string({
      char: "o",
      helpValue: "DIR",
      description: "where the results' directory is made",
    }),
    ...limitFlags,
    "shell-on-fail": Flags.boolean({ description: "open a shell in a build that failed" }),
    keep: Flags.boolean({ description: "keep a failed build's container as an image" }),
  };

  async run(): Promise<number> {
    const { flags, argv } = await this.parse(BuildCommand);
    const names = { profiles: flags.profiles, build_options: flags["build-option"] };
    return await this.withSession({ ...flags, ...names }, async (session) => {
      const { buildSources } = await import("../build-sources.ts");
      const { binariesOf } = await import("../build-request.ts");
      await buildSources(session, argv.map(String), flags, binariesOf(flags));
    });
  }
}
