import { Failure } from "../base/failure.ts";
import type { Task } from "../base/event.ts";
import type { About } from "../engine/engine.ts";
import type { SourceArgument } from "./source.ts";

/** What a user can say of a source. */
export const trustLevels = ["trusted", "untrusted"] as const;

/** How far a source is trusted; `unknown` when it came from elsewhere and nobody has said. */
export type Trust = (typeof trustLevels)[number] | "unknown";

/**
 * The trust in a source of which nothing was said: packages of the archive are signed by keys that the target trusts, and a tree is
 * the user's own. Pure.
 */
export function usualTrust({ kind }: SourceArgument): Trust {
  return kind === "package" || kind === "tree" ? "trusted" : "unknown";
}

/**
 * Refuses to run an untrusted package where root in a container is the machine's own root, or where that is not known.
 * @throws Failure engine-is-root (infrastructure).
 */
export async function requireConfined(
  trust: Trust | undefined,
  about: () => Promise<About | null>,
): Promise<void> {
  if (trust !== "untrusted") return;
  const known = await about();
  if (known?.hostRoot === false) return;
  const engine = known === null ? "The engine does not say whether" : `On this ${known.kind}`;
  throw new Failure(
    "infrastructure",
    "engine-is-root",
    `${engine} root in a container is root of this machine: an untrusted package is not built there`,
    { hint },
  );
}

/** Tells of the same where the package is not known to be trusted. */
export function warnOfHostRoot(trust: Trust | undefined, about: About | null, task: Task): void {
  if (trust !== "unknown" || about?.hostRoot !== true) return;
  task.warn(
    `Root in containers of this ${about.kind} is root of this machine, and the source is from elsewhere`,
    `${hint} --trust trusted says that the source is known to be good, --trust untrusted that it is not.`,
  );
}

const hint =
  "Use podman without root, or docker with userns-remap: see `debkiln doctor` and docs/security.md.";
