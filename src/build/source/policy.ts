/** What is made of the signature of a .dsc that no signed index vouches for. */
export const signaturePolicies = ["check", "require", "skip"] as const;
export type SignaturePolicy = (typeof signaturePolicies)[number];

/** Where original tarballs are taken from; `auto` tries what suits the source. */
export const origChoices = ["auto", "beside", "pristine-tar", "tag", "archive", "uscan"] as const;
export type OrigChoice = (typeof origChoices)[number];

/** What whoever builds wants of sources. */
export interface SourcePolicy {
  /** `check` refuses a bad signature and warns of one that cannot be judged; `require` refuses these too. */
  readonly signature: SignaturePolicy;
  /** Keyring files beside Debian's own, absolute. */
  readonly keyrings: readonly string[];
  readonly orig: OrigChoice;
}
