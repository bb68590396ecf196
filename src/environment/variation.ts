import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { parseBinaryOnlyEntry } from "../debian/binary-only-entry.ts";

/** `NAME <ADDRESS>`, as a changelog's trailer and a .changes have it. */
const Identity = z.string().regex(/^[^<>\0-\x1f\x7f]+ <[^<>\s@\0-\x1f\x7f]+@[^<>\s\0-\x1f\x7f]+>$/);

/** The last second that a Date can be of. */
const lastDate = 8_640_000_000_000;

/** A rebuild whose entry is made of its parts. */
const MadeEntry = z.strictObject({
  /** Of a binNMU: the N of `+bN`. */
  number: z.int().positive().nullable(),
  /** Appended to the source's version, before `+bN`. */
  suffix: z
    .string()
    .regex(/^[A-Za-z0-9.+~]+$/)
    .nullable(),
  text: z.string(),
  maintainer: Identity,
  /** Seconds since the epoch; or `increment` for those of the source's newest entry and as many more as the number says. */
  date: z.union([z.literal("increment"), z.int().nonnegative().max(lastDate)]),
});
export type MadeEntry = z.infer<typeof MadeEntry>;

/** A rebuild whose entry somebody else's build had: the whole of it, to the byte. */
const GivenEntry = z.strictObject({
  entry: z.string().superRefine((text, context) => {
    try {
      parseBinaryOnlyEntry(text, "the entry");
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      context.addIssue({ code: "custom", message: thrown.message });
    }
  }),
});
export type GivenEntry = z.infer<typeof GivenEntry>;

/** A new version that a changelog entry alone makes of a source: `binary-only=yes` in dpkg's words (deb-changelog(5)). */
export const Rebuild = z.union([MadeEntry, GivenEntry]);
export type Rebuild = z.infer<typeof Rebuild>;

/** How a build departs from what its source alone would give. */
export const Variation = z.strictObject({
  rebuild: Rebuild.optional(),
  /** Further variables of the build's environment. */
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional(),
  /** Further options of dpkg-buildpackage(1). */
  buildpackage: z.array(z.string()).readonly().optional(),
});
export type Variation = z.infer<typeof Variation>;

/** Whether a text names somebody as changelogs do. */
export function isIdentity(text: string): boolean {
  return Identity.safeParse(text).success;
}
