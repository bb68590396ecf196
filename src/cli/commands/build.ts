import { resolve } from "node:path";
import { Args, Flags } from "@oclif/core";
import { build, type BuildOutcome } from "../../build/build.ts";
import { openSource } from "../../build/open-source.ts";
import type { BuildRequest, FailedBuild, Wanted } from "../../build/request.ts";
import { identifySource } from "../../build/source/identify.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { KilnCommand } from "../command.ts";
import { limitFlags, targetFlags } from "../flags.ts";
import { withKiln } from "../kiln.ts";
import { outcomeText } from "../render/outcome.ts";
import type { Session } from "../session.ts";
import { type TargetFlags, archiveFor, targetOf } from "../target.ts";
import type { Settings } from "../settings.ts";
import { version } from "../version.ts";

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
      exclusive: ["arch-any"],
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
    return await this.withSession({ ...flags, ...names }, (session) =>
      withKiln(session, async (kiln) => {
        const outcomes: BuildOutcome[] = [];
        for (const argument of argv.map(String)) {
          const outcome = await buildOne(kiln, session, argument, flags);
          outcomes.push(outcome);
          if (outcome.failure !== null && kiln.signal.aborted) break;
        }
        for (const outcome of outcomes) session.result(outcomeText(outcome), outcome.result);
        const failed = outcomes.find(({ failure }) => failure !== null)?.failure;
        if (failed !== undefined && failed !== null) throw failed;
      }),
    );
  }
}

interface BuildFlags extends TargetFlags {
  readonly "arch-all": boolean;
  readonly "arch-any": boolean;
  readonly source: boolean;
  readonly "shell-on-fail": boolean;
  readonly keep: boolean;
}

async function buildOne(
  kiln: Kiln,
  session: Session,
  argument: string,
  flags: BuildFlags,
): Promise<BuildOutcome> {
  const { settings, task, report } = session;
  const named = await identifySource(argument, process.cwd());
  const placeFor = async (distribution: string | null) => {
    const target = targetOf(flags, settings, distribution);
    return { target, archive: await archiveFor(target) };
  };
  const source = await openSource(kiln, named, () => placeFor(null), task);
  const { target, archive } = await placeFor(source.package.distribution);
  const request: BuildRequest = {
    source,
    target,
    archive,
    wanted: wantedOf(flags, source.layout),
    profiles: settings.profiles,
    buildOptions: settings.build_options,
    jobs: settings.jobs ?? (await kiln.engine.about()).cpus,
    limits: limitsOf(settings),
    diskBytes: settings.disk ?? null,
    deadlines: { totalMs: settings.timeout, silenceMs: settings.silence_timeout },
    output: resolve(settings.output),
    onFailure: flags["shell-on-fail"] || flags.keep ? (failed) => lookInside(session, flags, failed) : null,
  };
  return await build(kiln, request, { report, version: version() });
}

/** All binaries unless one kind is asked for. A tree gives its source package too; that of a .dsc is there already. */
function wantedOf(flags: BuildFlags, layout: "tree" | "dsc"): Wanted {
  const whole = !flags["arch-all"] && !flags["arch-any"];
  return {
    any: whole || flags["arch-any"],
    all: whole || flags["arch-all"],
    source: flags.source || (layout === "tree" && whole),
  };
}

function limitsOf({ memory, cpus, pids }: Settings) {
  return {
    pids: pids ?? defaultPids,
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}

/** More than any honest build has, less than what would stop a host. */
const defaultPids = 8192;

async function lookInside(session: Session, flags: BuildFlags, failed: FailedBuild): Promise<void> {
  if (flags["shell-on-fail"] && process.stdin.isTTY) {
    using _ = session.suspend();
    process.stderr.write("The build failed; this is a shell in it. Leave it to end the build's container.\n");
    await failed.shell();
  }
  if (flags.keep) session.task.note(`kept as image ${await failed.keep()}`);
}
