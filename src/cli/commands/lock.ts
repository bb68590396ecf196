import { Args, Flags } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { environmentCacheFlags } from "../environment-cache-flags.ts";
import { asSettings, buildFlags, choiceFlags, crossFlags, targetFlags } from "../flags.ts";
import { sourceFlags } from "../source-flags.ts";
import { choosingFlags, variationFlags } from "../variation-flags.ts";

export class LockCommand extends KilnCommand {
  static override summary = "Write down everything that a build would be made of.";
  static override description =
    "The lock names every package of the build environment with its checksum, the base image, the indices that they " +
    "were chosen from, and the source's files. `debkiln fetch` brings all of it to one place, and `debkiln build " +
    "--locked` builds with exactly that. Nothing is built or installed; a missing base is made.";
  static override examples = [
    { description: "Of the source tree here", command: "<%= config.bin %> lock" },
    {
      description: "Of what somebody else has built",
      command: "<%= config.bin %> lock --from hello_2.10-5_amd64.buildinfo",
    },
    { description: "Of a package of the archive", command: "<%= config.bin %> lock -d trixie -o jq.json jq" },
  ];
  static override args = {
    source: Args.string({ description: "tree, .dsc, address or package name", default: "." }),
  };
  static override flags = {
    ...targetFlags,
    ...environmentCacheFlags,
    ...choiceFlags,
    ...crossFlags,
    ...sourceFlags,
    ...choosingFlags,
    ...variationFlags,
    "build-option": buildFlags["build-option"],
    from: Flags.string({
      helpValue: "FILE",
      description: "make the lock of a .buildinfo; with --output X.buildinfo, a .buildinfo of a lock",
    }),
    "allow-newer": Flags.boolean({
      description: "with --from: take the nearest newer version of what the archive no longer has",
      dependsOn: ["from"],
    }),
    dsc: Flags.string({
      helpValue: "FILE|URL",
      description: "with --from: the source's .dsc (default: from the archive)",
      dependsOn: ["from"],
    }),
    output: Flags.string({
      char: "o",
      helpValue: "FILE",
      default: "lock.json",
      description: "where the lock is written",
    }),
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(LockCommand);
    const { output, from, ...settings } = asSettings(flags);
    return await this.withSession(settings, async (session) => {
      if (from !== undefined) {
        const { convertLock } = await import("../convert-lock.ts");
        return await convertLock(session, from, flags, output);
      }
      const { lockNamedSource } = await import("../lock-source.ts");
      await lockNamedSource(session, args.source, flags, output);
    });
  }
}
