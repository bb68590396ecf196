import { stripVTControlCharacters } from "node:util";
import { columnsOf } from "./columns.ts";

/** The part of a terminal stream that drawing needs. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** Terminals that know synchronized output show the frame at once; others ignore this (private mode 2026). */
const [beginFrame, endFrame] = ["\u001b[?2026h", "\u001b[?2026l"];
const eraseToEndOfLine = "\u001b[K";
const eraseBelow = "\u001b[J";

/**
 * The lowest lines of a terminal, redrawn in place with what is above left to scroll. A frame is one write, and
 * nothing is written when nothing changed. The cursor rests at the start of the line below.
 */
export class LiveArea {
  readonly #screen: Screen;
  #drawn: readonly string[] = [];
  #drawnColumns = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Writes `final` lines to stay, and below them the lines that the next update replaces. */
  update(final: readonly string[], live: readonly string[]): void {
    const { columns } = this.#screen;
    const resized = columns !== this.#drawnColumns;
    if (final.length === 0 && !resized && sameLines(live, this.#drawn)) return;
    if (final.length === 0 && live.length === 0 && this.#drawn.length === 0) return;
    const up = this.#rowsDrawn();
    const lines = [...final, ...live].map((line) => `${line}${eraseToEndOfLine}\n`).join("");
    this.#screen.write(`${beginFrame}\r${up > 0 ? `\u001b[${up}A` : ""}${lines}${eraseBelow}${endFrame}`);
    this.#drawn = [...live];
    this.#drawnColumns = columns;
  }

  /** Rows that the last frame takes now: a terminal made narrower has wrapped its lines. */
  #rowsDrawn(): number {
    const { columns } = this.#screen;
    const rows = this.#drawn.map((line) =>
      Math.max(1, Math.ceil(columnsOf(stripVTControlCharacters(line)) / Math.max(1, columns))),
    );
    return Math.min(
      rows.reduce((sum, count) => sum + count, 0),
      Math.max(0, this.#screen.rows - 1),
    );
  }
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, at) => line === b[at]);
}
