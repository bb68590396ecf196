/** Scripts and symbols that take two terminal columns (East Asian Width W and F, UAX 11), in coarse ranges. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** How many terminal columns a printable line takes. */
export function columnsOf(line: string): number {
  let columns = 0;
  for (const character of line) columns += widthOf(character);
  return columns;
}

/** The line, cut at a number of columns; an ellipsis tells that something is missing. */
export function fit(line: string, columns: number): string {
  if (columnsOf(line) <= columns) return line;
  let fitted = "";
  let used = 0;
  for (const character of line) {
    used += widthOf(character);
    if (used > columns - 1) break;
    fitted += character;
  }
  return columns < 1 ? "" : `${fitted}…`;
}

function widthOf(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
