import type { Task } from "../base/event.ts";
import { asFailure } from "../base/failure.ts";
import type { Container } from "../engine/engine.ts";
import type { Kiln } from "./kiln.ts";

/**
 * Has a container removed, which takes an engine 0.1 s and more: nobody waits for that, unless the work was told to stop, for
 * then nothing may be left.
 */
export async function endContainer(kiln: Kiln, container: Container, task: Task): Promise<void> {
  if (kiln.signal.aborted) return container[Symbol.asyncDispose]();
  kiln.background.leave(container.remove(), (thrown) =>
    task.warn(`The container ${container.name} could not be removed: ${asFailure(thrown).message}`),
  );
}
