import { z } from "zod";
import { limit } from "./written.ts";

/** What is in the containers of builds and of work by hand beside the environment, and how they are bounded. */
export const containerSettings = {
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .describe("Further variables in builds and work by hand, by name"),
  hostname: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i)
    .optional()
    .describe('The host name in builds and work by hand (default: "debkiln")'),
  bind_mounts: z
    .array(z.string())
    .describe(
      "Directories of the engine's host in builds and work by hand: DIRECTORY[:PATH][:rw], read-only without rw",
    ),
  tmpfs: z
    .array(z.string())
    .describe("Directories of builds and work by hand that are in memory: PATH[:SIZE]"),
  devices: z
    .array(z.string())
    .describe("Devices of the engine's host for builds and work by hand, such as /dev/fuse"),
  files: z
    .record(
      z.string(),
      z.strictObject({
        text: z.string().optional(),
        source: z.string().optional(),
        mode: z
          .string()
          .regex(/^[0-7]{3,4}$/)
          .optional(),
      }),
    )
    .describe(
      "Files laid in containers of builds and work by hand, by their path there: text or source, and mode",
    ),
  memory: limit.optional().describe('The most memory a build may use, such as "4G"'),
  cpus: z.number().positive().optional().describe("The most processors a build may use"),
  pids: z.int().positive().optional().describe("The most processes a build may have"),
  disk: limit.optional().describe('The most disk space a build may use, such as "20G"'),
} as const;

export const builtInContainer = {
  variables: {},
  bind_mounts: [],
  tmpfs: [],
  devices: [],
  files: {},
} satisfies z.input<z.ZodObject<typeof containerSettings>>;
