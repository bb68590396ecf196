import type { Archive } from "./archive.ts";
import type { Target } from "./target.ts";

/** Which base is wanted. */
export interface BaseRequest {
  readonly target: Target;
  readonly archive: Archive;
  readonly recipe: BaseRecipe;
}

/** What a base is made for, and what it has beyond the archive's essential packages. */
export interface BaseRecipe {
  /** `build`: Debian's buildd set and the user that builds. `image`: what a system image begins with, and nothing else. */
  readonly purpose: "build" | "image";
  /** mmdebstrap(1)'s word for the set to begin with. */
  readonly variant: "apt" | "minbase" | "required" | "important" | "standard";
  /** Paths that dpkg leaves out of every package, dpkg(1) `--path-exclude`. */
  readonly pathExcludes: readonly string[];
  /** Exceptions from `pathExcludes`. */
  readonly pathIncludes: readonly string[];
  /** Answers to packages' questions, in the form of debconf-set-selections(1). */
  readonly debconf: readonly string[];
}

/** The base of every build environment. */
export const buildRecipe: BaseRecipe = {
  purpose: "build",
  // What `--variant=buildd` is from mmdebstrap 1.4 on and on Debian's builders; before, it had all of Priority: required.
  variant: "apt",
  pathExcludes: [],
  pathIncludes: [],
  debconf: [],
};
