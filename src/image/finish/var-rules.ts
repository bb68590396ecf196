import { Failure } from "../../base/failure.ts";
import type { VarOutcome } from "../plan.ts";
import { type VarRule, varTable } from "./var-table.ts";

/** Finds the rule for a path: that with the longest path, the definition's before the table's. */
export class VarRules {
  /** By number of parts, most first. */
  readonly #rules: readonly { readonly rule: VarRule; readonly pattern: RegExp; readonly parts: number }[];

  constructor(own: Readonly<Record<string, VarOutcome>>) {
    const rules = [...Object.entries(own).map(ruleOf), ...varTable];
    this.#rules = rules
      .map((rule) => ({ rule, pattern: patternOf(rule.path), parts: rule.path.split("/").length }))
      .toSorted((a, b) => b.parts - a.parts);
  }

  /** The rule for `var/lib/x`, and the path at which it begins to hold; null when there is none. */
  find(path: string): { readonly rule: VarRule; readonly root: string } | null {
    const relative = path.slice("var/".length);
    const parts = relative.split("/");
    for (const { rule, pattern, parts: count } of this.#rules) {
      if (count > parts.length) continue;
      const root = parts.slice(0, count).join("/");
      if (pattern.test(root)) return { rule, root: `var/${root}` };
    }
    return null;
  }
}

function ruleOf([path, outcome]: [string, VarOutcome]): VarRule {
  const relative = /^\/var\/+(.*?)\/*$/.exec(path)?.[1] ?? "";
  if (relative === "" || relative.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new Failure("usage", "var-path-malformed", `bootc.var has the key ${JSON.stringify(path)}`, {
      hint: "Its keys are absolute paths below /var, such as /var/lib/mysql.",
    });
  }
  return { path: relative, outcome, reason: "as the definition says" };
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replace(/\*/g, "[^/]*");
  return new RegExp(`^${escaped}$`);
}
