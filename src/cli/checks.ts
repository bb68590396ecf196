import { Failure } from "../base/failure.ts";
import { type CheckName, type WantedChecks, checkNames } from "../build/check/outcome.ts";
import type { Settings } from "./settings.ts";

/** What the flags say of checks: each by its own name, with `--no-` to leave it out. */
export type CheckFlags = { readonly [name in CheckName]?: boolean } & {
  /** Whether the command checks results at all, and by a lock only those that are asked for. */
  readonly checked?: boolean;
  readonly locked?: string | undefined;
};

/**
 * The checks that flags and settings want. A build by a lock makes what is known, and of checks has those that its user named.
 * @throws Failure bad-command-line (usage) when a required check is to be left out.
 */
export function checksOf(
  { checks, require, check_timeout: timeoutMs }: Settings,
  flags: CheckFlags,
): WantedChecks | undefined {
  if (flags.checked !== true) return undefined;
  const usual = flags.locked === undefined ? checks : [];
  const names = checkNames.filter((name) => flags[name] ?? (usual.includes(name) || require.includes(name)));
  const missing = require.find((name) => !names.includes(name));
  if (missing === undefined) return { names, required: require, timeoutMs };
  throw new Failure("usage", "bad-command-line", `${missing} is required and cannot be left out`, {
    hint: `Leave out --no-${missing}, or take ${missing} out of --require and the setting "require".`,
  });
}
