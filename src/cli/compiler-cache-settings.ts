import { z } from "zod";
import { cachePrograms } from "../build/compiler-cache.ts";
import { size } from "./written.ts";

const cacheTrust = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);

/** What builds keep of compilers' output. */
export const compilerCacheSettings = {
  ccache: z
    .boolean()
    .describe("Whether builds for UNRELEASED take compilers' output from earlier ones, and keep theirs"),
  ccache_program: z
    .enum(cachePrograms)
    .describe("What keeps compilers' output: ccache, or sccache for Rust too"),
  ccache_size: size.describe("The most disk space that each compiler cache may use"),
  ccache_trust: cacheTrust
    .optional()
    .describe("Whose builds share compiler caches (default: archive, local or remote, as the source came)"),
  ccache_read_only: z.boolean().describe("Whether builds only take from compiler caches"),
} as const;

export const builtInCompilerCache = {
  ccache: false,
  ccache_program: "ccache",
  ccache_size: "4G",
  ccache_read_only: false,
} as const;
