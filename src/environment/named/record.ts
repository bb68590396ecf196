import { z } from "zod";
import { DigestText, canonicalJson } from "../../base/digest.ts";
import { Target } from "../target.ts";

export const namedSchemaVersion = 1;

/** What a named environment's image says of itself, in one label. */
export const NamedRecord = z.strictObject({
  schemaVersion: z.literal(namedSchemaVersion),
  /** What packages it has and where further ones come from. */
  target: Target,
  /** The image that it was made from. */
  parent: DigestText.nullable(),
  /** The commands that made it what it is, the last ones. */
  changes: z.array(z.string().max(300)).max(40).readonly(),
  /** Whether packages were installed or removed by hand, so that its lock no longer says what it has. */
  altered: z.boolean(),
});
export type NamedRecord = z.infer<typeof NamedRecord>;

/** The record as a label's value, which may have no quotes. */
export function encodeRecord(record: NamedRecord): string {
  return Buffer.from(canonicalJson(record)).toString("base64url");
}

/** The record in a label, or null when there is none that can be read. */
export function decodeRecord(label: string | undefined): NamedRecord | null {
  if (label === undefined) return null;
  try {
    return NamedRecord.parse(JSON.parse(Buffer.from(label, "base64url").toString("utf8")));
  } catch {
    return null;
  }
}

/** What was done in it by hand and kept, which no list of packages tells: the last such commands, oldest first. */
export function handChanges({ changes }: NamedRecord): readonly string[] {
  return changes.filter((change) => /^(?:shell$|exec |cp )/.test(change));
}

/** A record with one more change, the oldest forgotten when there are many. */
export function withChange(record: NamedRecord, change: string): NamedRecord {
  const text = change.length > 300 ? `${change.slice(0, 297)}...` : change;
  return { ...record, changes: [...record.changes, text].slice(-40) };
}
