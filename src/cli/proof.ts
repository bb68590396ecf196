import type { Attestations } from "../build/attest.ts";
import type { BuildOutcome } from "../build/conclude.ts";
import type { Kiln } from "../environment/kiln.ts";
import type { Session } from "./session.ts";
import { version } from "./version.ts";

/** What the flags say of how a build is shown to others. */
export interface ProofFlags {
  readonly sbom?: boolean;
  readonly provenance?: boolean;
  readonly sign?: boolean;
  readonly "sign-key"?: string | undefined;
  readonly "sign-with"?: "gpg" | "sq";
}

/** Which proofs a build shall leave. */
export function attestationsOf({ settings }: Session, flags: ProofFlags): Attestations {
  const { sbom = false, provenance = false } = flags;
  return { sbom, provenance, builder: settings.builder_id ?? null, version: version() };
}

/** Signs a build's results, if that was asked for, once no container of this command is left. */
export async function signedIfWanted(
  kiln: Kiln,
  session: Session,
  outcome: BuildOutcome,
  flags: ProofFlags,
): Promise<BuildOutcome> {
  if (flags.sign !== true || outcome.failure !== null) return outcome;
  await kiln.background.settled();
  const { signResults } = await import("../build/sign/sign-results.ts");
  // The agent may ask for the passphrase on this terminal.
  using _ = session.suspend();
  const key = flags["sign-key"] ?? session.environment["DEB_SIGN_KEYID"] ?? null;
  return await signResults(
    outcome,
    {
      program: flags["sign-with"] ?? "gpg",
      key: key === "" ? null : key,
      signal: kiln.signal,
      attestations: attestationsOf(session, flags),
    },
    session.task,
  );
}
