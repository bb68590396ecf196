import { rootFix } from "../commands.ts";
import type { Facts } from "../facts.ts";
import type { HardLimit } from "../facts/limits.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

export const ulimitsFile = "/etc/containers/containers.conf.d/50-debkiln.conf";

/** Podman's default ulimits (1048576) above what a host lets even root raise; containers.conf(5) default_ulimits. */
export const ulimits: Check = (facts) => {
  if (facts.raisesLimits) return ok("Podman's default ulimits can be set");
  const set = facts.defaultUlimits;
  // Without a setting, an ordinary user's podman lowers its defaults by itself; root's does not.
  if (set === null && facts.account.uid !== 0)
    return ok("Podman lowers its default ulimits to the user's own");
  const tooHigh = limitNames.filter((name) => !fits(askedFor(set, name), facts.hardLimits[name]));
  if (tooHigh.length === 0) return ok("Podman's ulimits are within the host's");
  return {
    status: "error",
    message: `Podman asks for higher ulimits (${tooHigh.join(", ")}) than the host allows, and CAP_SYS_RESOURCE is missing`,
    why: 'No container starts: "setrlimit: Operation not permitted".',
    fix: rootFix(facts, [{ path: ulimitsFile, lines: dropIn(facts) }]),
  };
};

const limitNames = ["nofile", "nproc"] as const;

/** The hard value in a list such as `nofile=20000:20000`; unlimited (podman's own default) where it is not in it. */
function askedFor(set: readonly string[] | null, name: string): HardLimit {
  const value = set?.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
  const hard = value?.split(":").at(-1);
  return hard === undefined || hard === "-1" || hard === "host" ? null : Number(hard);
}

function fits(asked: HardLimit, limit: HardLimit): boolean {
  return limit === null || (asked !== null && asked <= limit);
}

function dropIn({ hardLimits }: Facts): readonly string[] {
  const nofile = Math.min(hardLimits.nofile ?? 1_048_576, 1_048_576);
  const nproc = Math.min(hardLimits.nproc ?? 32_768, 32_768);
  return ["[containers]", `default_ulimits = ["nofile=${nofile}:${nofile}", "nproc=${nproc}:${nproc}"]`];
}
