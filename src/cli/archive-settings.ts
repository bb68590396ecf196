import { z } from "zod";
import { signaturePolicies } from "../build/source/policy.ts";
import { duration } from "./written.ts";

/** Where packages and sources come from, and how they are checked and chosen. */
export const archiveSettings = {
  max_age: duration.describe("How old the package indices may be before the archive is asked again"),
  frozen: z.boolean().describe("Never ask the archive again: use what is known, or fail"),
  mirror: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("The URL of the Debian mirror, where the target names none"),
  snapshot: z
    .string()
    .optional()
    .describe(
      "The snapshot of the archive to build against: its URL, or its time stamp at snapshot_mirror, such as 20260101T000000Z",
    ),
  snapshot_mirror: z
    .string()
    .optional()
    .describe("The URL of a snapshot service, with {archive} and {timestamp} in it"),
  check_valid_until: z
    .boolean()
    .optional()
    .describe("Whether a Release file past its Valid-Until is refused (default: true)"),
  proxy: z.string().optional().describe("The HTTP proxy for downloads"),
  ca_bundle: z.string().optional().describe("A file of certificates (PEM) to trust for HTTPS downloads"),
  keyring: z.string().optional().describe("The keyring that the archive's signatures are checked with"),
  dsc_signature: z
    .enum(signaturePolicies)
    .describe(
      "What is made of the signature of a .dsc: a bad one is refused; `require` takes only good ones",
    ),
  dsc_keyring: z
    .array(z.string())
    .describe("OpenPGP keyrings with whom else a .dsc may be signed by, beside Debian's"),
  preferences: z
    .array(z.string())
    .optional()
    .describe("Pins, where the target has none: files of apt_preferences(5) or their text"),
  apt_options: z
    .array(z.string())
    .optional()
    .describe("Options of apt's choice of packages, NAME=VALUE, where the target has none"),
} as const;

export const builtInArchive = {
  max_age: "15m",
  frozen: false,
  dsc_signature: "check",
  dsc_keyring: [],
} satisfies z.input<z.ZodObject<typeof archiveSettings>>;
