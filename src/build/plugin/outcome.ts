import { z } from "zod";
import { Failure } from "../../base/failure.ts";

/** What a plugin gave, or why it gave nothing. */
export const PluginOutcome = z
  .strictObject({
    name: z.string(),
    status: z.enum(["done", "failed"]),
    /** What it says, or what went wrong. */
    lines: z.array(z.string()).readonly(),
    /** Names of the files that it left with the results. */
    files: z.array(z.string()).readonly(),
  })
  .readonly();
export type PluginOutcome = z.infer<typeof PluginOutcome>;

/** The failure of a build's plugins, whose results are kept; null when all went well: `plugin-failed` (infrastructure). */
export function pluginFailure(outcomes: readonly PluginOutcome[]): Failure | null {
  const failed = outcomes.filter(({ status }) => status === "failed");
  const [first] = failed;
  if (first === undefined) return null;
  return new Failure(
    "infrastructure",
    "plugin-failed",
    `Built, but the plugin ${first.name} failed: ${first.lines[0] ?? "it does not say why"}`,
    {
      hint: 'The results are kept. Mend the plugin, or take it out of "plugins".',
      details: { plugins: failed.map(({ name }) => name) },
    },
  );
}
