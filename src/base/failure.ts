/** Who has to act on a failure. Each fault has its own exit code, so that scripts need not read messages. */
export type Fault = "usage" | "package" | "dependency" | "infrastructure" | "internal" | "interrupted";

/** Exit codes by fault. 130 is the shell's own code for a command ended by SIGINT. */
export const exitCodes = {
  internal: 1,
  usage: 2,
  package: 3,
  dependency: 4,
  infrastructure: 5,
  interrupted: 130,
} as const satisfies Record<Fault, number>;

export interface FailureOptions {
  /** What the reader can do about it, as one sentence or command. */
  readonly hint?: string;
  /** Facts for machines: names, digests, exit codes, the full explanation of a shortened message. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error class. `code` is a stable kebab-case name for the kind of failure ("checksum-mismatch"), `fault`
 * says whose it is, the message says what happened, `hint` what to do.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  readonly fault: Fault;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(fault: Fault, code: string, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.fault = fault;
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/**
 * The failure itself, or any other thrown thing wrapped as an `internal` one: for the doors where failures are caught.
 * Of Node's AbortError, which tells nothing, the signal's reason counts.
 */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return thrown.cause instanceof Failure ? thrown.cause : interrupted("the caller");
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure("internal", "unexpected", message, {
    hint: "This is a fault in debkiln: please report it with the output of `debkiln doctor`.",
    cause: thrown,
  });
}

/** The failure of a command that was told to stop (Ctrl-C, SIGTERM). */
export function interrupted(reason: string): Failure {
  return new Failure("interrupted", "interrupted", `Interrupted by ${reason}`);
}
