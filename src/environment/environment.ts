import type { Task } from "../base/event.ts";
import type { Resources } from "../base/resources.ts";
import type { Container } from "../engine/engine.ts";
import type { Confinement } from "./confinement.ts";
import type { Kiln } from "./kiln.ts";
import type { EnvironmentPlan } from "./plan.ts";

/** A locked environment, running. Disposing ends the container, in the background; the image stays. */
export interface Environment extends AsyncDisposable {
  readonly plan: EnvironmentPlan;
  readonly container: Container;
  /** What the installation took in the container; null when there was none. */
  readonly installed: Resources | null;
  /** Compares what is installed with the lock. @throws Failure environment-altered (infrastructure). */
  verify(): Promise<void>;
  /**
   * Makes the image of what was newly installed, where that is `beside` what runs in the container; disposing does so at the latest.
   * Where it is made `when-asked`, this asks.
   * podman starts no further command in a container while it is committed (libpod holds its lock), so this is for when
   * the long command has begun. Waits for the image; a failure to make it is only a warning.
   */
  keep(): Promise<void>;
}

/** An environment that is planned, and about to be opened. */
export interface Opening {
  readonly kiln: Kiln;
  readonly plan: EnvironmentPlan;
  readonly confinement: Confinement;
  readonly task: Task;
}
