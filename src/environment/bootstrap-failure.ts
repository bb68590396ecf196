import { Failure } from "../base/failure.ts";
import type { BootstrapPlan } from "./bootstrap-plan.ts";

/** What mmdebstrap's or apt's own words about an archive mean, as a Failure; the whole text is in the details. */
export function bootstrapFailure(output: string, plan: BootstrapPlan): Failure {
  const about = `${plan.suite} for ${plan.target.architecture}`;
  return (
    archiveFailure(output, about) ??
    new Failure(
      "infrastructure",
      "bootstrap-failed",
      `Cannot make a base of ${about}: ${lastError(output)}`,
      {
        hint: "The lines above are mmdebstrap's; `debkiln doctor` checks this machine.",
        details: { output },
      },
    )
  );
}

/** The failures of an archive that apt tells of, or null when its words are about something else. */
export function archiveFailure(output: string, about: string): Failure | null {
  const found = kinds.find(({ pattern }) => pattern.test(output));
  if (found === undefined) return null;
  const line = output.split("\n").find((line) => found.pattern.test(line)) ?? "";
  return new Failure(
    "infrastructure",
    found.code,
    `${found.says} (${about}): ${line.replace(/^[EWI]: */, "").trim()}`,
    {
      hint: found.hint,
      details: { output },
    },
  );
}

interface Kind {
  readonly code: string;
  readonly pattern: RegExp;
  readonly says: string;
  readonly hint: string;
}

/** In order: the first that fits is the cause, since apt reports the consequences after it. */
const kinds: readonly Kind[] = [
  {
    code: "release-expired",
    pattern: /Release file for .* is expired|is not valid yet|Release file .* expired/,
    says: "The archive's Release file is outside its dates",
    hint: "Check this machine's clock; for a snapshot or a stale mirror set check_valid_until = false (--no-check-valid-until).",
  },
  {
    code: "release-signature",
    pattern:
      /GPG error|NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|is not signed|signatures couldn't be verified|Signing key on|OpenPGP signature verification failed/,
    says: "The archive is not signed by a key that this target trusts",
    hint: "Set the target's keyring, or Signed-By of the repository; never take packages from an archive that fails this.",
  },
  {
    code: "not-found",
    pattern: /does not have a Release file|404 +Not Found|404 {2}/,
    says: "The mirror lacks a file",
    hint: "Check suite, components and architecture; the mirror may be between two states: try again.",
  },
  {
    code: "disk-full",
    pattern: /No space left on device|not enough free space|Disk quota exceeded/,
    says: "The disk is full",
    hint: "Free some space, for example with `debkiln gc`.",
  },
  {
    code: "mirror-unreachable",
    pattern:
      /Could not resolve|Temporary failure resolving|Could not connect|Connection (refused|timed out|failed)|Unable to connect|Connection reset|503 +|502 +/,
    says: "The mirror cannot be reached",
    hint: "Check the network, the mirror's address and the proxy settings.",
  },
  {
    code: "archive-corrupt",
    pattern:
      /Hash Sum mismatch|File has unexpected size|unexpected end of file|Clearsigned file isn't valid|Splitting up .* failed|does not start with a cleartext signature/,
    says: "The mirror gave other bytes than its signed index names",
    hint: "A mirror in the middle of an update or a broken proxy does that: try again later or another mirror.",
  },
  {
    code: "foreign-architecture",
    pattern: /cannot be executed|Exec format error|binfmt|doesn't have support for .*architecture/i,
    says: "This machine cannot run programs of that architecture",
    hint: "`debkiln doctor` shows how to set up qemu-user and binfmt_misc.",
  },
];

function lastError(output: string): string {
  const lines = output.split("\n").filter((line) => line.startsWith("E: "));
  return (lines.find((line) => !/failed|exited/.test(line)) ?? lines.at(-1) ?? "mmdebstrap failed").replace(
    /^E: */,
    "",
  );
}
