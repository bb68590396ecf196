import { BuildCommand } from "./build.ts";
import { ChainCommand } from "./chain.ts";
import { ConfigCommand } from "./config.ts";
import { DoctorCommand } from "./doctor.ts";
import { EnvListCommand } from "./env/list.ts";
import { EnvRmCommand } from "./env/rm.ts";
import { ExplainCommand } from "./explain.ts";
import { FetchCommand } from "./fetch.ts";
import { GcCommand } from "./gc.ts";
import { ImageBuildCommand } from "./image/build.ts";
import { ImageCheckCommand } from "./image/check.ts";
import { ImageDiffCommand } from "./image/diff.ts";
import { ImageInspectCommand } from "./image/inspect.ts";
import { ImageKeygenCommand } from "./image/keygen.ts";
import { ImageLintCommand } from "./image/lint.ts";
import { ImagePolicyCommand } from "./image/policy.ts";
import { ImagePullCommand } from "./image/pull.ts";
import { ImagePushCommand } from "./image/push.ts";
import { ImageSignCommand } from "./image/sign.ts";
import { ImageVerifyCommand } from "./image/verify.ts";
import { ImageSbomCommand } from "./image/sbom.ts";
import { LockCommand } from "./lock.ts";
import { RebuildCommand } from "./rebuild.ts";
import { RdepsCommand } from "./rdeps.ts";
import { RepoAddCommand } from "./repo/add.ts";
import { RepoInitCommand } from "./repo/init.ts";
import { RepoListCommand } from "./repo/list.ts";
import { RepoRemoveCommand } from "./repo/remove.ts";
import { RepoSignCommand } from "./repo/sign.ts";
import { RepoVerifyCommand } from "./repo/verify.ts";
import { SourceCommand } from "./source.ts";
import { TargetsCommand } from "./targets.ts";

/** The table of all commands, by oclif's ids: a colon stands where the user writes a space. */
export const commands = {
  build: BuildCommand,
  chain: ChainCommand,
  config: ConfigCommand,
  doctor: DoctorCommand,
  "env:list": EnvListCommand,
  "env:rm": EnvRmCommand,
  explain: ExplainCommand,
  fetch: FetchCommand,
  gc: GcCommand,
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
  lock: LockCommand,
  rebuild: RebuildCommand,
  rdeps: RdepsCommand,
  "repo:add": RepoAddCommand,
  "repo:init": RepoInitCommand,
  "repo:list": RepoListCommand,
  "repo:remove": RepoRemoveCommand,
  "repo:sign": RepoSignCommand,
  "repo:verify": RepoVerifyCommand,
  source: SourceCommand,
  targets: TargetsCommand,
};
