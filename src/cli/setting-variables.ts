import type { Shape } from "../base/config.ts";
import { Failure } from "../base/failure.ts";

/** What variables that are settings begin with. */
export const variablePrefix = "DEBKILN_";

/** Tables whose names are paths, in capitals or those of packages, which the name of a variable cannot say; with what sets them instead. */
const withoutVariable: Readonly<Record<string, string>> = {
  add_depends: "Use --add-depends RELATIONS, or a table [add_depends] in a file.",
  variables: "Use --setenv NAME=VALUE, or a table [variables] in a file.",
  files: "Use a table [files] in a file.",
};

/**
 * The variable that sets a setting, in the form that environmentLayer reads: `DEBKILN_TARGETS__NAME__KEY` of a table of
 * tables. Null where a setting has none.
 */
export function variableOf(key: string, shape: Shape): string | null {
  if (Object.hasOwn(withoutVariable, key)) return null;
  const name = variablePrefix + key.toUpperCase();
  return shape.type === "object" ? `${name}__NAME__KEY` : name;
}

/** The same variables, none of which is for a setting that has none. @throws Failure config-invalid-value (usage). */
export function checkVariables<T extends Readonly<Record<string, string | undefined>>>(environment: T): T {
  for (const [key, hint] of Object.entries(withoutVariable)) {
    const name = variablePrefix + key.toUpperCase();
    const set = Object.keys(environment).find(
      (each) => (each === name || each.startsWith(`${name}__`)) && environment[each] !== "",
    );
    if (set === undefined) continue;
    throw new Failure("usage", "config-invalid-value", `${set}: ${key} cannot be set by a variable`, {
      hint,
    });
  }
  return environment;
}
