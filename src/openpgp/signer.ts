/** Whoever signs. */
export interface Signer {
  /** Its public key, armored. @throws Failure signing-key-missing, signing-key-ambiguous (usage), signer-missing, signing-failed (infrastructure). */
  publicKey(): Promise<string>;
  /** A text with its signature around it (RFC 9580 §7). @throws Failure those and signing-key-expired, signing-key-locked (usage). */
  clearSign(text: string): Promise<string>;
  /** An armored signature of some bytes. @throws Failure as `clearSign`. */
  detachedSignature(bytes: Uint8Array): Promise<string>;
  /**
   * Fails when it is already clear that it could not sign. Whether a key is locked shows only when it signs.
   * @throws Failure signing-key-missing, signing-key-ambiguous, signing-key-expired (usage), signer-missing (infrastructure).
   */
  requireUsable(): Promise<void>;
}
