import type { Complaint, Lint, Subject } from "../../../../src/image/lint/lint.ts";
import { type Piece, passingRoot, subjectOf } from "./root.ts";

/** What a lint says of a root: its text with all items, as bootc prints it, or null when it passes. */
export async function textOf(
  lint: Lint,
  pieces: Readonly<Record<string, Piece>>,
  known: Partial<Subject> = {},
): Promise<string | null> {
  const complaint = await lint.check(subjectOf(pieces, known));
  return complaint === null ? null : messageOf(complaint);
}

/** As `textOf`, of the passing root with something added to it. */
export async function textWith(
  lint: Lint,
  pieces: Readonly<Record<string, Piece>>,
  known: Partial<Subject> = {},
): Promise<string | null> {
  return await textOf(lint, { ...passingRoot, ...pieces }, known);
}

function messageOf({ message }: Complaint): string {
  if (typeof message === "string") return message;
  return message
    .map(({ header, items }) => `${header}:\n${items.map((item) => `  ${item}\n`).join("")}`)
    .join("");
}
