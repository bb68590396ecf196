import { z } from "zod";
import { hookPointNames } from "../build/hook/point.ts";
import { duration } from "./written.ts";

/** The user's own code beside builds. */
export const extensionSettings = {
  plugins: z
    .array(z.string())
    .describe("Plugins that are told of each build: names of debkiln's, or absolute paths of modules"),
  plugin_options: z
    .record(
      z.string(),
      z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    )
    .describe("What plugins take, by their names"),
  hooks: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/),
      z.strictObject({
        point: z.enum(hookPointNames).describe("When it runs"),
        command: z.string().min(1).describe("What `sh -c` runs"),
        host: z
          .boolean()
          .optional()
          .describe("Whether it runs on this machine, not in the build's container"),
        user: z.enum(["root", "builder"]).optional().describe("Who runs it in the container"),
        timeout: duration.optional().describe("How long it may take (default: 10m)"),
      }),
    )
    .describe("Commands of yours at points of each build, by name"),
} as const;

export const builtInExtensions = {
  plugins: [],
  plugin_options: {},
  hooks: {},
} satisfies z.input<z.ZodObject<typeof extensionSettings>>;
