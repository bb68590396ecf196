/** A command of a build, run by the builder. */
export interface Step {
  readonly phase: "unpack" | "build";
  readonly title: string;
  readonly argv: readonly string[];
  readonly directory: string;
}
