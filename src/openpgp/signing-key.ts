import { z } from "zod";

/** A key of the user's in gpg or sq: the id is a fingerprint, key id or address. */
export const ProgramKey = z.strictObject({
  kind: z.enum(["gpg", "sq"]),
  id: z.string().regex(/^[^\0-\x1f\x7f]{1,200}$/),
});
export type ProgramKey = Readonly<z.infer<typeof ProgramKey>>;

/** Whose key signs: the one that debkiln made for this user, or one of the user's. */
export const SigningKey = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("own") }),
  ProgramKey,
]);
export type SigningKey = Readonly<z.infer<typeof SigningKey>>;
