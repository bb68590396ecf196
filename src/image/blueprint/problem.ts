import { Failure } from "../../base/failure.ts";
import type { Place } from "./check.ts";

interface Complaint {
  readonly code: string;
  /** What is wrong, as it stands after the place. */
  readonly message: string;
  readonly hint: string;
}

/** The failure of a definition that is well-formed, but means something that cannot be. */
export function problem(place: Place, path: readonly string[], { code, message, hint }: Complaint): Failure {
  return new Failure("usage", code, `${place(path)}: ${message}`, { hint, details: { place: place(path) } });
}
