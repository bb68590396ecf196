import { z } from "zod";

/** Which repositories of registries environments are shared with. A project's file has no say in them. */
export const cacheSettings = {
  cache_from: z
    .array(z.string())
    .describe(
      "Repositories of registries to take bases and environments from, such as registry.example/team/cache",
    ),
  cache_to: z.string().optional().describe("The repository that bases and environments are pushed to"),
  cache_key: z
    .string()
    .optional()
    .describe("The public key that must have signed what comes from cache_from, which needs one"),
  cache_sign_key: z
    .string()
    .optional()
    .describe("The private key that signs what goes to cache_to, which needs one"),
  cache_passphrase_file: z
    .string()
    .optional()
    .describe("A file with that key's passphrase in its first line"),
  cache_authfile: z
    .string()
    .optional()
    .describe("Logins for cache_from and cache_to (default: podman's and docker's)"),
  cache_tls_verify: z
    .boolean()
    .describe("Whether the registries of cache_from and cache_to need TLS with a certificate that is known"),
} as const;

export const builtInCache = { cache_from: [], cache_tls_verify: true };
