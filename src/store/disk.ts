import { Failure } from "../base/failure.ts";

/** A full disk or an unwritable place as a Failure that says so; anything else as it came. */
export function diskFailure(thrown: unknown, directory: string): unknown {
  if (!(thrown instanceof Error) || !("code" in thrown)) return thrown;
  switch (thrown.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new Failure("infrastructure", "disk-full", `No space left for ${directory}`, {
        hint: "Free some with `debkiln gc`, or put the cache elsewhere with cache_dir or DEBKILN_CACHE_DIR.",
        cause: thrown,
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new Failure(
        "infrastructure",
        "not-writable",
        `Cannot write in ${directory}: ${thrown.message}`,
        {
          hint: "Make it writable for this user, or choose another place (cache_dir, --output).",
          cause: thrown,
        },
      );
    default:
      return thrown;
  }
}
