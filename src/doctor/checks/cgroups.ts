import { mountOf } from "../facts/mounts.ts";
import { rootFix } from "../commands.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

/** cgroup v1 with controllers left over in a v2 hierarchy beside it, which crun refuses (containers/crun issue 769). */
export const cgroups: Check = (facts) => {
  const hybrid = mountOf("/sys/fs/cgroup", facts.mounts)?.type !== "cgroup2";
  const left = hybrid ? (facts.unifiedControllers ?? []) : [];
  if (left.length > 0) {
    return {
      status: "error",
      message: `cgroups v1 and v2 are mixed: ${left.join(", ")} is left on v2`,
      why: 'crun starts no container: "cgroups in hybrid mode not supported". The mending lasts until the next boot.',
      fix: rootFix(facts, left.map(mountCommand)),
    };
  }
  if (hybrid && facts.account.uid !== 0) {
    return {
      status: "warning",
      message: "cgroups v1: an ordinary user's containers get no memory, CPU and process limits",
      why: "Only cgroups v2 can be handed to users; boot with systemd.unified_cgroup_hierarchy=1 to have it.",
    };
  }
  return ok(hybrid ? "cgroups v1" : "cgroups v2");
};

/** The names of v2's controllers that v1 has under another. */
const olderNames: Readonly<Record<string, string>> = { io: "blkio" };

function mountCommand(controller: string): string {
  const name = olderNames[controller] ?? controller;
  const point = `/sys/fs/cgroup/${name}`;
  return `sh -c 'mkdir -p ${point} && mount -t cgroup -o ${name} cgroup ${point}'`;
}
