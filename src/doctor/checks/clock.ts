import { rootFix } from "../commands.ts";
import type { Facts } from "../facts.ts";
import { ok, type Verdict } from "../finding.ts";
import type { Check } from "./check.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

/** A clock far off makes Release files look expired or not yet valid, and TLS certificates too. */
export const clock: Check = (facts) => {
  const { now, network, newest } = facts.clock;
  const off = network === null ? 0 : Math.abs(now.getTime() - network.getTime());
  if (network !== null && off > 5 * minute) return wrong(facts, network, off > day ? "error" : "warning");
  const behind = newest === null ? 0 : newest.getTime() - now.getTime();
  if (newest !== null && behind > day) return wrong(facts, newest, "error");
  return ok("The clock is right");
};

function wrong(facts: Facts, right: Date, status: "warning" | "error"): Verdict {
  const { now, network } = facts.clock;
  const source = network === null ? "the package database was last changed" : "the mirror says it is";
  return {
    status,
    message: `The clock is off: it says ${now.toISOString()}, but ${source} ${right.toISOString()}`,
    why: "Signatures and certificates look expired or not yet valid, and timestamps in packages are wrong.",
    // The last change of the package database is only a lower bound: too little to set a clock by.
    ...(facts.systemd
      ? { fix: rootFix(facts, ["timedatectl set-ntp true"]) }
      : network === null
        ? {}
        : { fix: rootFix(facts, [`date --utc --set=${network.toISOString()}`]) }),
  };
}
