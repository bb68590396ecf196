import { Failure } from "../base/failure.ts";
import { type CacheProgram, type CompilerCache, isProgramIn } from "../build/compiler-cache.ts";
import type { BuildRequest } from "../build/request.ts";
import type { SourceArgument } from "../build/source.ts";
import { suite } from "../debian/suite.ts";
import type { ProofFlags } from "./proof.ts";
import type { Session } from "./session.ts";
import type { Settings } from "./settings.ts";

/** What flags say of the cache of compilers' output. */
export interface CacheFlags {
  readonly ccache?: boolean | undefined;
  readonly "ccache-name"?: string | undefined;
}

/** The request with the compiler cache that flags and settings give it; a word is said where a setting does not count. */
export function withCompilerCache(
  request: BuildRequest,
  named: SourceArgument,
  { settings, task }: Session,
  flags: CacheFlags & ProofFlags,
): BuildRequest {
  if (!settings.ccache) return request;
  const { base } = suite(request.target.suite, { custom: true });
  const program = settings.ccache_program;
  const isThere = isProgramIn(base, program);
  if (flags.ccache === true && !isThere) throw programMissing(base, program);
  const release = flags.ccache === true ? null : whyRelease(request.source.package.distribution, flags);
  const why = release ?? (isThere ? null : programMissing(base, program).message);
  if (why === null) return { ...request, ccache: cacheOf(request, named, settings, flags["ccache-name"]) };
  task.note(`no ${program}: ${why}`);
  return request;
}

function programMissing(base: string, program: CacheProgram): Failure {
  return new Failure("dependency", "cache-program-missing", `${base} has no ${program} that can be used`, {
    hint: "Use --ccache-program ccache (ccache_program), or build for trixie or newer.",
  });
}

/** Why a build counts as one for release, for which nothing is taken that an earlier build left; null when it does not. */
export function whyRelease(distribution: string | null, flags: ProofFlags): string | null {
  if (flags.sign === true) return "what is signed is compiled anew";
  if (flags.provenance === true) return "what has its provenance told is compiled anew";
  if (distribution === null || distribution === "UNRELEASED") return null;
  return `the changelog is for ${distribution}, not UNRELEASED (--ccache has it all the same)`;
}

/** @throws Failure bad-command-line (usage) for a name that is none. */
export function cacheOf(
  { source, trust = "trusted" }: Pick<BuildRequest, "source" | "trust">,
  named: SourceArgument,
  settings: Pick<Settings, "ccache_program" | "ccache_trust" | "ccache_size" | "ccache_read_only">,
  name: string | undefined,
): CompilerCache {
  if (name !== undefined && !/^[a-z0-9][a-z0-9.+_-]{0,127}$/.test(name)) {
    throw new Failure("usage", "bad-command-line", `${JSON.stringify(name)} is no name for a cache`, {
      hint: "Use lower case letters, digits and .+_-: --ccache=linux-next.",
    });
  }
  return {
    program: settings.ccache_program,
    project: name ?? source.package.name,
    trust: `${trust}-${settings.ccache_trust ?? places[named.kind]}`,
    maxBytes: settings.ccache_size,
    readOnly: settings.ccache_read_only,
  };
}

/** By where a source comes from: a tree may call itself by the name of any package. */
const places = {
  tree: "local",
  dsc: "local",
  "dsc-url": "remote",
  git: "remote",
  package: "archive",
} as const satisfies Record<SourceArgument["kind"], string>;
