import { checkFlags } from "../check-flags.ts";
import { Args } from "@oclif/core";
import { KilnCommand } from "../command.ts";
import { environmentCacheFlags } from "../environment-cache-flags.ts";
import {
  asSettings,
  buildFlags,
  choiceFlags,
  failureFlags,
  flatFlags,
  limitFlags,
  targetFlags,
} from "../flags.ts";
import { hookFlags } from "../hook-flags.ts";
import { sourceFlags } from "../source-flags.ts";
import { choosingFlags, variationFlags } from "../variation-flags.ts";

export class SourceCommand extends KilnCommand {
  static override summary = "Make the source package (.dsc) of a source tree.";
  static override description =
    "Runs `debian/rules clean` and dpkg-source in a container that has the build dependencies, never on this machine. " +
    "The results go to a directory of their own, NAME_VERSION_source, under --output: .dsc, tarballs, " +
    "_source.changes, .buildinfo and the log. A tree whose version has a revision needs its .orig.tar beside it.";
  static override examples = [
    { description: "Of the tree in this directory", command: "<%= config.bin %> source" },
    {
      description: "For upload to another suite",
      command: "<%= config.bin %> source -d bookworm -o .. hello-2.10",
    },
  ];
  static override args = { tree: Args.string({ description: "unpacked source tree", default: "." }) };
  static override flags = {
    ...targetFlags,
    ...environmentCacheFlags,
    profiles: choiceFlags.profiles,
    ...buildFlags,
    ...choosingFlags,
    ...sourceFlags,
    ...variationFlags,
    ...limitFlags,
    lintian: checkFlags.lintian,
    require: checkFlags.require,
    "check-timeout": checkFlags["check-timeout"],
    "lintian-option": checkFlags["lintian-option"],
    ...failureFlags,
    ...flatFlags,
    ...hookFlags,
  };

  async run(): Promise<number> {
    const { args, flags } = await this.parse(SourceCommand);
    return await this.withSession(asSettings(flags), async (session) => {
      const { buildSources } = await import("../build-sources.ts");
      const { sourceOnly } = await import("../build-request.ts");
      await buildSources(session, [args.tree], { ...flags, checked: "usual" }, sourceOnly);
    });
  }
}
