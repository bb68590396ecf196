import type { Lint, Subject } from "../../../../src/image/lint/lint.ts";
import { textOf } from "./check.ts";
import { goodRoot } from "./good-root.ts";
import { type Piece, without } from "./root.ts";

/** What is put into the good root in place of what is there; null takes it away. */
export type Change = Readonly<Record<string, Piece | null>>;

/** What a lint says of the good root with a change. */
export async function says(lint: Lint, change: Change, known: Partial<Subject> = {}): Promise<string | null> {
  const pieces = Object.entries(change).reduce<Readonly<Record<string, Piece>>>(
    (root, [path, piece]) => ({ ...without(root, path), ...(piece === null ? {} : { [path]: piece }) }),
    goodRoot,
  );
  return await textOf(lint, pieces, known);
}
