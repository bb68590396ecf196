/** Introducers of control strings (OSC, DCS, SOS, PM, APC) with what they carry up to their end, if they end (ECMA-48, 5.6). */
const controlString =
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)/g;
/** Control sequences: CSI, parameters, intermediates, final byte (ECMA-48, 5.4). */
const controlSequence = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;
/** Escape sequences of two or more bytes (ECMA-35). */
const escapeSequence = /\u001b[ -/]*[0-~]/g;
/** C0 but tab and line feed, DEL, C1, line separators, and what reorders text (Unicode TR 9: "trojan source"). */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text without anything that could steer a terminal: escape sequences go as a whole, other control characters
 * and bidirectional overrides one by one. Tabs and line feeds stay.
 */
export function printable(text: string): string {
  return text
    .replace(controlString, "")
    .replace(controlSequence, "")
    .replace(escapeSequence, "")
    .replace(unprintable, "");
}

/** As `printable`, on one line: each run of white space with a line break or tab becomes one space. */
export function printableLine(text: string): string {
  return printable(text)
    .replace(/\s*[\n\t]\s*/g, " ")
    .trim();
}

/** JSON on one line whose text steers no terminal and still means the same: what is unprintable is written as `\uXXXX`. */
export function printableJson(value: unknown, indent?: number): string {
  return escapeUnprintable(JSON.stringify(value, null, indent));
}

/** Text of a format whose strings have JSON's escapes, such as TOML's: what is unprintable in it is written as `\uXXXX`. */
export function escapeUnprintable(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
