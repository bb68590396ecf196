import type { Facts } from "../facts.ts";
import type { Verdict } from "../finding.ts";

/** Judges facts: nothing is read and nothing run. Gives null where the question does not arise on this host. */
export type Check = (facts: Facts) => Verdict | null;
