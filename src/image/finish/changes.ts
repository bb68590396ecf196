import { Draft } from "../tree/draft.ts";
import type { Note } from "./options.ts";

/** A draft that keeps account of what is done to it and why. What is new in it has the time of the image. */
export class Changes extends Draft {
  readonly #notes = new Map<string, { readonly note: Omit<Note, "paths">; readonly paths: Set<string> }>();

  /** Removes what is at the path, if anything is. */
  drop(path: string, reason: string): void {
    if (this.get(path) === undefined) return;
    this.remove(path);
    this.note("dropped", path, reason);
  }

  /** What is done to several paths for one reason is one note. */
  note(action: Note["action"], path: string, reason: string): void {
    const key = `${action} ${reason}`;
    const known = this.#notes.get(key) ?? { note: { action, reason }, paths: new Set() };
    known.paths.add(`/${path}`);
    this.#notes.set(key, known);
  }

  notes(): readonly Note[] {
    return this.#notes
      .values()
      .map(({ note, paths }) => ({ ...note, paths: [...paths].toSorted() }))
      .toArray();
  }
}
