import { Failure } from "../base/failure.ts";

/** A full disk or a place that cannot be written to or used as a Failure that says so; anything else as it came. */
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
    case "ENOENT":
    case "ENOTDIR":
    case "EEXIST":
    case "ELOOP":
    case "ENAMETOOLONG":
    case "EIO":
      return new Failure("infrastructure", "not-writable", `Cannot use ${directory}: ${thrown.message}`, {
        hint: "Make it writable for this user, or choose another place (cache_dir, --output).",
        cause: thrown,
      });
    default:
      return thrown;
  }
}
