import { z } from "zod";

/** The programs that can keep what compilers made; each is a package of its name. */
export const cachePrograms = ["ccache", "sccache"] as const;
export type CacheProgram = (typeof cachePrograms)[number];

/** A cache of what compilers made, for a build to use. */
export interface CompilerCache {
  readonly program: CacheProgram;
  /** Whose cache it is; by default the source package's name. */
  readonly project: string;
  /** Builds of different trust share nothing: whoever builds can put anything into a cache. */
  readonly trust: string;
  readonly maxBytes: number;
  /** Whether a build only takes from it. */
  readonly readOnly: boolean;
}

/** What a build had of its cache, as the cache's program counted it. */
export const CacheUse = z
  .strictObject({
    program: z.enum(cachePrograms).default("ccache"),
    project: z.string(),
    trust: z.string(),
    /** Compilations whose result was there. */
    hits: z.int().nonnegative(),
    /** Those that were done, and kept unless the cache was read only. */
    misses: z.int().nonnegative(),
    /** Calls that the program cannot cache, such as links: it handed them on. */
    uncacheable: z.int().nonnegative(),
  })
  .readonly();
export type CacheUse = z.infer<typeof CacheUse>;

/** Of one build. */
export type Counts = Pick<CacheUse, "hits" | "misses" | "uncacheable">;

/**
 * What the unpacked source is called in the build directory: `treeName`, unless the cache hits other versions only where their trees
 * have one path (sccache keeps the paths of flags and of the directory that it compiles in).
 */
export function cachedTreeName(program: CacheProgram | undefined, name: string, treeName: string): string {
  return program === "sccache" ? name : treeName;
}

/** Debian's releases whose sccache is a pre-release of 0.4 or none, which counts and listens otherwise. */
const withoutSccache: ReadonlySet<string> = new Set(["buster", "bullseye", "bookworm"]);

/** Whether a suite, by its base's codename, has a cache's program as it is needed here. */
export function isProgramIn(base: string, program: CacheProgram): boolean {
  return program === "ccache" || !withoutSccache.has(base);
}

/** What there is to say of it, for people. */
export function cacheUseText({ program, project, trust, hits, misses, uncacheable }: CacheUse): string {
  const rate = hits + misses === 0 ? "" : ` (${Math.round((100 * hits) / (hits + misses))} %)`;
  const calls = uncacheable === 1 ? "1 call was" : `${uncacheable} calls were`;
  return `${program} of ${project} (${trust}): ${hits} of ${hits + misses} compilations were there${rate}, ${calls} not for it`;
}
