import { formatSize } from "../../base/size.ts";
import { ok } from "../finding.ts";
import type { Check } from "./check.ts";

const gibibyte = 2 ** 30;
/** A base and the environment of a small package. */
const least = 2 * gibibyte;
/** Room for the environments of some dozens of packages. */
const comfortable = 10 * gibibyte;

export const diskSpace: Check = (facts) => {
  const tight = facts.disks.filter(({ availableBytes }) => availableBytes < comfortable);
  if (tight.length === 0) return ok("Enough room on the disks");
  const full = tight.some(({ availableBytes }) => availableBytes < least);
  return {
    status: full ? "error" : "warning",
    message: `Little room: ${tight.map(({ path, purpose, availableBytes }) => `${formatSize(availableBytes)} for ${purpose} (${path})`).join(", ")}`,
    why: "A base environment takes about half a gigabyte, those of large packages several.",
    fix: {
      commands: ["debkiln gc"],
      needsRoot: false,
      consent: "it removes cached environments and downloads, which later builds make again",
    },
  };
};
