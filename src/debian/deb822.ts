import { Failure } from "../base/failure.ts";
import type { Fault } from "../base/failure.ts";

/** A field's name and its value, continuation lines joined by "\n". */
export type Field = readonly [name: string, value: string];

/**
 * The stanzas of control data as deb822(5) has it. `origin` names the file in messages; `fault` says whose fault bad
 * data is ("usage" for files that users write). Raises `bad-control-data` naming file and line.
 */
export function parseDeb822(text: string, origin: string, fault: Fault = "package"): readonly Stanza[] {
  const stanzas: Stanza[] = [];
  let stanza: Stanza | null = null;
  let field: string | null = null;
  for (const [index, raw] of text.split("\n").entries()) {
    const at = { origin, line: index + 1, fault };
    if (raw.includes("\0")) throw bad(at, "a NUL character");
    if (raw.startsWith("#")) continue;
    const line = raw.trimEnd();
    if (line === "") {
      stanza = null;
      field = null;
    } else if (line.startsWith(" ") || line.startsWith("\t")) {
      if (stanza === null || field === null) throw bad(at, "a continuation line that belongs to no field");
      stanza.extend(field, continuation(line));
    } else {
      const [name, value] = fieldOf(line, at);
      if (stanza === null) stanzas.push((stanza = new Stanza(at)));
      if (stanza.get(name) !== null) throw bad(at, `the field ${name} a second time`);
      stanza.extend(name, value);
      field = name;
    }
  }
  return stanzas;
}

/** Control data of which there must be exactly one stanza, as in a .dsc or .changes. */
export function parseStanza(text: string, origin: string, fault: Fault = "package"): Stanza {
  const stanzas = parseDeb822(text, origin, fault);
  const [stanza, second] = stanzas;
  if (stanza === undefined) throw bad({ origin, line: 1, fault }, "no fields at all");
  if (second !== undefined) throw bad(second.at, "a second stanza where only one may be");
  return stanza;
}

/** Control data text of stanzas, such as `Stanza`s or arrays of fields: what `parseDeb822` reads back. */
export function formatDeb822(stanzas: Iterable<Stanza | readonly Field[]>): string {
  const texts = [];
  for (const stanza of stanzas) {
    const fields = stanza instanceof Stanza ? stanza.fields() : stanza;
    texts.push(fields.map(([name, value]) => formatField(name, value)).join(""));
  }
  return texts.join("\n");
}

/** Where in which file something stands, and whose fault it is when it is bad. */
export interface Place {
  readonly origin: string;
  readonly line: number;
  readonly fault: Fault;
}

/** One stanza (paragraph) of control data. Field names are compared without regard to case. */
export class Stanza {
  /** The place of its first line. */
  readonly at: Place;
  readonly #fields = new Map<string, { readonly name: string; lines: string[] }>();

  constructor(at: Place) {
    this.at = at;
  }

  /** The field's value with its leading and trailing space taken off, or null when it is not there. */
  get(field: string): string | null {
    return this.#fields.get(field.toLowerCase())?.lines.join("\n") ?? null;
  }

  /** The value of a field that must be there and not be empty. Raises `field-missing`. */
  require(field: string): string {
    const value = this.get(field);
    if (value !== null && value !== "") return value;
    const { origin, line, fault } = this.at;
    throw new Failure(fault, "field-missing", `${origin}, line ${line}: the field ${field} is missing`, {
      hint: `Add the field ${field} to the stanza that begins at line ${line} of ${origin}.`,
      details: { origin, line, field },
    });
  }

  fields(): readonly Field[] {
    return this.#fields
      .values()
      .map(({ name, lines }): Field => [name, lines.join("\n")])
      .toArray();
  }

  /** Appends a line to a field's value. Only while the stanza is being read. */
  extend(field: string, line: string): void {
    const known = this.#fields.get(field.toLowerCase());
    if (known === undefined) this.#fields.set(field.toLowerCase(), { name: field, lines: [line] });
    else known.lines.push(line);
  }
}

/** The failure of control data that holds something it may not hold. */
export function bad({ origin, line, fault }: Place, what: string): Failure {
  return new Failure(fault, "bad-control-data", `${origin}, line ${line}: control data has ${what}`, {
    hint: `Mend line ${line} of ${origin}; deb822(5) describes the form.`,
    details: { origin, line },
  });
}

/** deb822(5): US-ASCII without control characters, space and colon; not beginning with "#" or "-". */
const nameForm = /^[!-,.-9;-~][!-9;-~]*$/;

function fieldOf(line: string, at: Place): Field {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon).trimEnd();
  if (colon < 0 || !nameForm.test(name)) throw bad(at, "a line that is neither a field nor its continuation");
  return [name, line.slice(colon + 1).trim()];
}

/** A line of dots stands for one with a dot less (so " ." is an empty line), as dpkg reads and writes it. */
function continuation(line: string): string {
  const content = line.slice(1);
  return /^\.+$/.test(content) ? content.slice(1) : content;
}

function formatField(name: string, value: string): string {
  if (!nameForm.test(name) || value.includes("\0")) {
    throw new Failure(
      "internal",
      "bad-control-data",
      `${JSON.stringify(name)} cannot be written as a control field`,
    );
  }
  const [first = "", ...rest] = value.split("\n").map((line) => line.trimEnd());
  const head = first === "" ? `${name}:` : `${name}: ${first}`;
  return [head, ...rest.map((line) => (/^\.*$/.test(line) ? ` .${line}` : ` ${line}`))].join("\n") + "\n";
}
