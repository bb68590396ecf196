import { Failure } from "../base/failure.ts";

/** The failure of reading a tar. `reason` continues "The tar cannot be read:". */
export function malformedTar(reason: string, cause?: unknown): Failure {
  return new Failure("infrastructure", "tar-malformed", `The tar cannot be read: ${reason}`, {
    hint: "Try again; if it comes back, the sender of the tar is at fault.",
    ...(cause === undefined ? {} : { cause }),
  });
}
