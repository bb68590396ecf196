import type { BuildRequest } from "./request.ts";

/** A command of a build, run by the builder. */
export interface Step {
  readonly phase: "unpack" | "build";
  readonly title: string;
  readonly argv: readonly string[];
  readonly directory: string;
}

/**
 * The command of a step for a request. dpkg-buildpackage looks at the build dependencies unless apt has just made the environment out of
 * them, and nobody else has a hand in it.
 */
export function commandOf(
  { phase, argv }: Step,
  { locked, named, hooks }: Pick<BuildRequest, "locked" | "named" | "hooks">,
): readonly string[] {
  const isJustResolved = locked === undefined && named === undefined && (hooks ?? []).length === 0;
  return phase === "build" && isJustResolved ? argv.toSpliced(1, 0, "--no-check-builddeps") : argv;
}
