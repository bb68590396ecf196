import { rootFix } from "../commands.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

/** Whether mounts made later reach users' mount namespaces (mount_namespaces(7), shared subtrees). */
export const sharedRoot: Check = (facts) => {
  // The last mount on / covers the others.
  const root = facts.mounts.findLast((mount) => mount.point === "/");
  if (root === undefined || root.shared) return ok("/ is a shared mount");
  return {
    status: "warning",
    message: "/ is not a shared mount",
    why: "Rootless podman says so at every start, and misses mounts made after its first. The mending lasts until the next boot.",
    fix: rootFix(facts, ["mount --make-rshared /"]),
  };
};
