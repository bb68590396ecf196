/** What a host needs so that podman, skopeo and bootc take images of a repository only with a key's signature. */
export interface TrustFiles {
  /** For /etc/containers/policy.json (containers-policy.json(5)). */
  readonly policy: string;
  /** For a file under /etc/containers/registries.d (containers-registries.d(5)). */
  readonly registries: string;
}

/**
 * The trust files for a scope: a registry, a part of its paths, or a repository. Everything else stays as permissive as
 * Debian's own policy has it, or is refused.
 */
export function trustFiles(scope: string, keyPath: string, others: "accept" | "reject"): TrustFiles {
  const requirement = {
    type: "sigstoreSigned",
    keyPath,
    // Signatures may be for a tag or for the repository; the tags of one repository are of one owner.
    signedIdentity: { type: "matchRepository" },
  };
  const policy = {
    default: [{ type: others === "accept" ? "insecureAcceptAnything" : "reject" }],
    transports: { docker: { [scope]: [requirement] } },
  };
  return {
    policy: `${JSON.stringify(policy, null, 2)}\n`,
    registries: `docker:\n  ${JSON.stringify(scope)}:\n    use-sigstore-attachments: true\n`,
  };
}
