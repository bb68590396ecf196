import type { Environment } from "../environment/environment.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { Checking } from "./check/checking.ts";
import type { Deadline } from "./deadline.ts";
import type { Desk } from "./desk.ts";
import type { Hooks } from "./hook/hooks.ts";
import type { BuildRequest } from "./request.ts";

/** A build that runs. */
export interface RunningBuild {
  /** Its signal is the deadline's. */
  readonly kiln: Kiln;
  readonly request: BuildRequest;
  readonly desk: Desk;
  readonly deadline: Deadline;
  readonly hooks: Hooks;
  readonly checking: Checking;
}

/** One that has its environment. */
export interface BuildInEnvironment extends RunningBuild {
  readonly environment: Environment;
}
