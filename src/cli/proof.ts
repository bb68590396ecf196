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

/** Fails before anything is built when it is already clear that its results could not be signed. */
export async function requireSigner(session: Session, flags: ProofFlags): Promise<void> {
  const key = keyOf(session, flags);
  if (flags.sign !== true || key === null) return;
  const { programSigner } = await import("../openpgp/program-signer.ts");
  await programSigner({ kind: flags["sign-with"] ?? "gpg", id: key }, session.signal).requireUsable();
}

/** The key that is named, as debsign(1) takes it; null for that of whoever made the changes. */
function keyOf({ environment }: Session, flags: ProofFlags): string | null {
  return flags["sign-key"] ?? (environment["DEB_SIGN_KEYID"] || null);
}

/** Signs a build's results, if that was asked for and they are what is required, once no container of this command is left. */
export async function signedIfWanted(
  kiln: Kiln,
  session: Session,
  outcome: BuildOutcome,
  flags: ProofFlags,
): Promise<BuildOutcome> {
  if (flags.sign !== true || outcome.failure !== null || outcome.unmet !== null) return outcome;
  await kiln.background.emptied();
  const { signResults } = await import("../build/sign/sign-results.ts");
  // The agent may ask for the passphrase on this terminal.
  using _ = session.suspend();
  return await signResults(
    outcome,
    {
      program: flags["sign-with"] ?? "gpg",
      key: keyOf(session, flags),
      signal: kiln.signal,
      attestations: attestationsOf(session, flags),
    },
    session.task,
  );
}
