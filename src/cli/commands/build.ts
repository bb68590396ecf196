import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { buildingFlags } from "../building-flags.ts";
import {
  asSettings,
  buildFlags,
  failureFlags,
  flatFlags,
  lockedFlags,
  namedFlags,
  proofFlags,
} from "../flags.ts";
import { sourceFlags } from "../source-flags.ts";

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
    {
      description: "Not without a clean lintian",
      command: "<%= config.bin %> build --require lintian .",
    },
    {
      description: "For another architecture: by cross compilers, or emulated as a whole",
      command: "<%= config.bin %> build --host arm64 .\n<%= config.bin %> build --arch arm64 .",
    },
    {
      description: "With a library that was just built, and more debugging",
      command: "<%= config.bin %> build --extra-package ../libfoo_1.2-1_amd64 --setenv CFLAGS=-O0 .",
    },
    {
      description: "A binNMU against a new libfoo",
      command:
        "<%= config.bin %> build -d sid --make-binnmu 'Rebuild against libfoo2' --binnmu 2 -m 'Jane Doe <jane@mirror.example>' sl",
    },
    {
      description: "Binaries for a look, and a .changes of the source alone for the upload",
      command: "<%= config.bin %> build --source-only-changes .",
    },
    {
      description: "With a command of yours in the container before, and one here afterwards",
      command:
        "<%= config.bin %> build --hook 'setup=date > /etc/build-date' --host-hook 'post-build=ls -l \"$DEBKILN_HOOK_DIRECTORY\"' .",
    },
    {
      description: "Again and again, without compiling what has not changed",
      command: "<%= config.bin %> build --ccache .",
    },
    {
      description: "In an environment of one's own, with more in it than the source asks for",
      command: "<%= config.bin %> env init mine -d trixie ccache\n<%= config.bin %> build --env mine .",
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
    ...buildingFlags,
    "source-only": Flags.boolean({
      char: "S",
      description: "build the source package alone, as debkiln source does",
      exclusive: ["arch-all", "arch-any", "source", "source-only-changes", "env", "locked"],
    }),
    ...sourceFlags,
    jobs: buildFlags.jobs,
    ...namedFlags,
    ...lockedFlags,
    ...proofFlags,
    ...failureFlags,
    ...flatFlags,
  };

  async run(): Promise<number> {
    const { flags, argv, raw } = await this.parse(BuildCommand);
    const given = raw.flatMap((token) => (token.type === "arg" ? [token.input] : []));
    return await this.withSession(asSettings(flags), async (session) => {
      const { buildSources, buildLocked } = await import("../build-sources.ts");
      const { binariesOf, sourceOnly } = await import("../build-request.ts");
      const choice = flags["source-only"] ? sourceOnly : binariesOf(flags);
      if (flags.locked !== undefined)
        await buildLocked(session, given, { ...flags, checked: "named" }, flags.locked);
      else await buildSources(session, argv.map(String), { ...flags, checked: "usual" }, choice);
    });
  }
}
