import { Failure } from "../base/failure.ts";
import { type CheckName, type WantedChecks, checkNames } from "../build/check/outcome.ts";
import type { Settings } from "./settings.ts";

/** What the flags say of checks: each by its own name, with `--no-` to leave it out. */
export type CheckFlags = { readonly [name in CheckName]?: boolean } & {
  /** Which checks the command runs beside those that its flags name: the settings' `checks`, or none; absent when it has no checks. */
  readonly checked?: "usual" | "named";
};

/**
 * The checks that flags and settings want. A build by a lock makes what is known, and of checks has those that its user named.
 * @throws Failure bad-command-line (usage) when a required check is to be left out.
 */
export function checksOf(
  { checks, require, check_timeout: timeoutMs, lintian_options: lintianOptions }: Settings,
  flags: CheckFlags,
): WantedChecks | undefined {
  if (flags.checked === undefined) return undefined;
  const usual = flags.checked === "usual" ? checks : [];
  const names = checkNames.filter((name) => flags[name] ?? (usual.includes(name) || require.includes(name)));
  const missing = require.find((name) => !names.includes(name));
  if (missing === undefined) return { names, required: require, timeoutMs, lintianOptions };
  throw new Failure("usage", "bad-command-line", `${missing} is required and cannot be left out`, {
    hint: `Leave out --no-${missing}, or take ${missing} out of --require and the setting "require".`,
  });
}
