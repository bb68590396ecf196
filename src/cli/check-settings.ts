import { z } from "zod";
import { checkNames } from "../build/check/outcome.ts";
import { duration } from "./written.ts";

/** How the results of a build are checked. */
export const checkSettings = {
  checks: z.array(z.enum(checkNames)).describe("Which checks the results of a build get"),
  require: z
    .array(z.enum(checkNames))
    .describe("Checks that are run too, and when one finds a fault or breaks, the command fails"),
  check_timeout: duration.describe("How long a check, or each test of one, may take"),
  lintian_options: z
    .array(z.string().regex(/^-/, "An option of lintian begins with -"))
    .describe("Options of lintian(1) for the check of that name"),
} as const;

export const builtInChecks = {
  checks: ["lintian"],
  require: [],
  check_timeout: "30m",
  lintian_options: [],
} satisfies z.input<z.ZodObject<typeof checkSettings>>;
