import { AptCommand } from "./apt.ts";
import { BuildCommand } from "./build.ts";
import { ChainCommand } from "./chain.ts";
import { CompletionCommand } from "./completion.ts";
import { ConfigCommand } from "./config.ts";
import { CpCommand } from "./cp.ts";
import { DepsCommand } from "./deps.ts";
import { DoctorCommand } from "./doctor.ts";
import { EnvExportCommand } from "./env/export.ts";
import { EnvInitCommand } from "./env/init.ts";
import { EnvListCommand } from "./env/list.ts";
import { EnvRmCommand } from "./env/rm.ts";
import { EnvShowCommand } from "./env/show.ts";
import { EnvUpdateCommand } from "./env/update.ts";
import { ExecCommand } from "./exec.ts";
import { ExplainCommand } from "./explain.ts";
import { FetchCommand } from "./fetch.ts";
import { GcCommand } from "./gc.ts";
import { ImageAttachCommand } from "./image/attach.ts";
import { ImageBuildCommand } from "./image/build.ts";
import { ImageCheckCommand } from "./image/check.ts";
import { ImageDiffCommand } from "./image/diff.ts";
import { ImageInspectCommand } from "./image/inspect.ts";
import { ImageKeygenCommand } from "./image/keygen.ts";
import { ImageLintCommand } from "./image/lint.ts";
import { ImagePolicyCommand } from "./image/policy.ts";
import { ImagePullCommand } from "./image/pull.ts";
import { ImagePushCommand } from "./image/push.ts";
import { ImageSbomCommand } from "./image/sbom.ts";
import { ImageSignCommand } from "./image/sign.ts";
import { ImageVerifyCommand } from "./image/verify.ts";
import { InstallCommand } from "./install.ts";
import { LockCommand } from "./lock.ts";
import { RebuildCommand } from "./rebuild.ts";
import { RdepsCommand } from "./rdeps.ts";
import { RemoveCommand } from "./remove.ts";
import { RepoAddCommand } from "./repo/add.ts";
import { RepoInitCommand } from "./repo/init.ts";
import { RepoListCommand } from "./repo/list.ts";
import { RepoRemoveCommand } from "./repo/remove.ts";
import { RepoSignCommand } from "./repo/sign.ts";
import { RepoVerifyCommand } from "./repo/verify.ts";
import { ScrubCommand } from "./scrub.ts";
import { ShellCommand } from "./shell.ts";
import { SnapshotCreateCommand } from "./snapshot/create.ts";
import { SnapshotListCommand } from "./snapshot/list.ts";
import { SnapshotRestoreCommand } from "./snapshot/restore.ts";
import { SnapshotRmCommand } from "./snapshot/rm.ts";
import { SourceCommand } from "./source.ts";
import { TargetsCommand } from "./targets.ts";
import { UpgradeCommand } from "./upgrade.ts";

/** The table of all commands, by oclif's ids: a colon stands where the user writes a space. */
export const commands = {
  apt: AptCommand,
  build: BuildCommand,
  chain: ChainCommand,
  completion: CompletionCommand,
  config: ConfigCommand,
  cp: CpCommand,
  deps: DepsCommand,
  doctor: DoctorCommand,
  "env:export": EnvExportCommand,
  "env:init": EnvInitCommand,
  "env:list": EnvListCommand,
  "env:rm": EnvRmCommand,
  "env:show": EnvShowCommand,
  "env:update": EnvUpdateCommand,
  exec: ExecCommand,
  explain: ExplainCommand,
  fetch: FetchCommand,
  gc: GcCommand,
  "image:attach": ImageAttachCommand,
  "image:build": ImageBuildCommand,
  "image:check": ImageCheckCommand,
  "image:diff": ImageDiffCommand,
  "image:inspect": ImageInspectCommand,
  "image:keygen": ImageKeygenCommand,
  "image:lint": ImageLintCommand,
  "image:policy": ImagePolicyCommand,
  "image:pull": ImagePullCommand,
  "image:push": ImagePushCommand,
  "image:sign": ImageSignCommand,
  "image:verify": ImageVerifyCommand,
  "image:sbom": ImageSbomCommand,
  install: InstallCommand,
  lock: LockCommand,
  rebuild: RebuildCommand,
  rdeps: RdepsCommand,
  remove: RemoveCommand,
  "repo:add": RepoAddCommand,
  "repo:init": RepoInitCommand,
  "repo:list": RepoListCommand,
  "repo:remove": RepoRemoveCommand,
  "repo:sign": RepoSignCommand,
  "repo:verify": RepoVerifyCommand,
  scrub: ScrubCommand,
  shell: ShellCommand,
  "snapshot:create": SnapshotCreateCommand,
  "snapshot:list": SnapshotListCommand,
  "snapshot:restore": SnapshotRestoreCommand,
  "snapshot:rm": SnapshotRmCommand,
  source: SourceCommand,
  targets: TargetsCommand,
  upgrade: UpgradeCommand,
};
