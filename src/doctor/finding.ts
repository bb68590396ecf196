import { z } from "zod";

/** What mends a finding. */
export const Fix = z.strictObject({
  /** Shell commands, each complete in itself; those that need root start with sudo when an ordinary user asked. */
  commands: z.array(z.string()).min(1).readonly(),
  needsRoot: z.boolean(),
  /** Why this is never done unasked, such as what it destroys. */
  consent: z.string().optional(),
});
export type Fix = z.infer<typeof Fix>;

/** One thing that was looked at on the host. `error`: builds fail; `warning`: slower, or only some builds fail. */
export const Finding = z.strictObject({
  /** The check's stable kebab-case name. */
  check: z.string(),
  status: z.enum(["ok", "warning", "error"]),
  message: z.string(),
  /** What would go wrong, and how it shows. */
  why: z.string().optional(),
  fix: Fix.optional(),
});
export type Finding = z.infer<typeof Finding>;

/** What a check says; its name is added by the list of checks. */
export type Verdict = Omit<Finding, "check">;

export function ok(message: string): Verdict {
  return { status: "ok", message };
}
