import { lastLines } from "../../base/last-lines.ts";
import { printable } from "../../base/printable.ts";

/** Longer lines are cut: nobody reads them in a terminal, and a build may print one of a gigabyte. */
const longestLine = 4000;

/** Makes printable lines of a tool's output as it comes in pieces. Of a line that was overwritten by `\r` the last state counts. */
export class LogLines {
  #rest = "";

  /** Takes a piece, gives the lines that it completes, or the last of them. */
  add(text: string, most = Infinity): string[] {
    const pieces = lastLines(this.#rest + text, most).split("\n");
    this.#rest = (pieces.pop() ?? "").slice(-longestLine * 2);
    return pieces.map(lineOf);
  }

  /** Gives what is left of an unfinished line. */
  end(): string[] {
    const rest = lineOf(this.#rest);
    this.#rest = "";
    return rest === "" ? [] : [rest];
  }
}

function lineOf(raw: string): string {
  const states = raw.split("\r").map(printable);
  const last = states.findLast((state) => state.trim() !== "") ?? "";
  return last.length > longestLine ? `${last.slice(0, longestLine)} [...]` : last;
}

/** The logs of all running steps: lines as they are completed, and the last of them for when a step fails. */
export class StepLogs {
  readonly #steps = new Map<string, { readonly lines: LogLines; readonly tail: string[] }>();
  readonly #tailLength: number;
  readonly #wanted: "all" | "last";

  /** `wanted`: whether `add` gives all lines, or, for a thousandth of the time where there are many, the last ones. */
  constructor(tailLength: number, wanted: "all" | "last") {
    this.#tailLength = tailLength;
    this.#wanted = wanted;
  }

  add(path: readonly string[], text: string): string[] {
    const key = path.join("\0");
    const step = this.#steps.get(key) ?? { lines: new LogLines(), tail: [] };
    this.#steps.set(key, step);
    const complete = step.lines.add(text, this.#wanted === "all" ? Infinity : this.#tailLength);
    step.tail.push(...complete.slice(-this.#tailLength));
    step.tail.splice(0, step.tail.length - this.#tailLength);
    return complete;
  }

  /** Forgets a step: gives the unfinished last line, if any, and its last lines in all. */
  end(path: readonly string[]): { readonly rest: string[]; readonly tail: string[] } {
    const key = path.join("\0");
    const step = this.#steps.get(key);
    if (step === undefined) return { rest: [], tail: [] };
    this.#steps.delete(key);
    const rest = step.lines.end();
    return { rest, tail: [...step.tail, ...rest].slice(-this.#tailLength) };
  }
}
