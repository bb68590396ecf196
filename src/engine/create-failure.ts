import { Failure } from "../base/failure.ts";
import { type Action, apiFailure } from "./api-failure.ts";
import type { ContainerSpec } from "./engine.ts";

/** The failure for what creating or starting a container threw: a mount that the engine cannot make is told by its own name. */
export function createFailure(
  thrown: unknown,
  action: Action,
  { mounts = [], devices = [], runtime }: Pick<ContainerSpec, "mounts" | "devices" | "runtime">,
): Failure {
  const failure = apiFailure(thrown, action, "container-start-failed");
  if (runtime !== undefined && failure.code === "container-start-failed") return ofRuntime(failure, runtime);
  const { message } = failure;
  const source = [...mounts.map((each) => each.source), ...devices].find((path) => names(message, path));
  if (source === undefined) return failure;
  const details = { engine: message };
  if (/permission denied|operation not permitted/i.test(message)) {
    return new Failure("usage", "mount-denied", `The engine's user may not reach ${source}`, {
      hint: "An engine without root runs as its own user: let that one into the directories above (chmod o+x), or name another place.",
      details,
      cause: thrown,
    });
  }
  if (/no such (?:file|device)|does not exist/i.test(message)) {
    return new Failure("usage", "mount-missing", `There is no ${source} where the engine runs`, {
      hint: "Check the path. Where debkiln itself runs in a container, it must be there at the same path too.",
      details,
      cause: thrown,
    });
  }
  return failure;
}

/** Runtimes differ in what they can do: where one was asked for, it is looked at first. */
function ofRuntime({ fault, code, message, details }: Failure, runtime: string): Failure {
  return new Failure(fault, code, message, {
    hint: `The OCI runtime ${runtime} was asked for (--runtime): see that the engine can run a container with it and no network, or leave it out.`,
    details: { ...details, runtime },
  });
}

/** Whether a message is of that very path; every path begins with `/`. */
function names(message: string, path: string): boolean {
  const parts = path === "/" ? [] : message.split(path);
  return parts.some((part, at) => at > 0 && !/[\w/.-]$/.test(parts[at - 1] ?? "") && !/^[\w/.-]/.test(part));
}
