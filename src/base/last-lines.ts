/** The end of a text that has at most so many line breaks; the whole text when it has no more. */
export function lastLines(text: string, breaks: number): string {
  let from = text.length;
  for (let left = breaks; left >= 0; left--) {
    const at = from === 0 ? -1 : text.lastIndexOf("\n", from - 1);
    if (at === -1) return text;
    from = at;
  }
  return text.slice(from + 1);
}
