import { BuildCommand } from "./build.ts";
import { ConfigCommand } from "./config.ts";
import { DoctorCommand } from "./doctor.ts";
import { EnvListCommand } from "./env/list.ts";
import { EnvRmCommand } from "./env/rm.ts";
import { ExplainCommand } from "./explain.ts";
import { FetchCommand } from "./fetch.ts";
import { GcCommand } from "./gc.ts";
import { LockCommand } from "./lock.ts";
import { ImageCheckCommand } from "./image/check.ts";
import { ImagePullCommand } from "./image/pull.ts";
import { ImagePushCommand } from "./image/push.ts";
import { SourceCommand } from "./source.ts";
import { TargetsCommand } from "./targets.ts";

/** The table of all commands, by oclif's ids: a colon stands where the user writes a space. */
export const commands = {
  build: BuildCommand,
  config: ConfigCommand,
  doctor: DoctorCommand,
  "env:list": EnvListCommand,
  "env:rm": EnvRmCommand,
  explain: ExplainCommand,
  fetch: FetchCommand,
  gc: GcCommand,
  lock: LockCommand,
  "image:check": ImageCheckCommand,
  "image:pull": ImagePullCommand,
  "image:push": ImagePushCommand,
  source: SourceCommand,
  targets: TargetsCommand,
};
