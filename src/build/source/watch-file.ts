/**
 * A debian/watch without the commands that uscan(1) would run after a download: the fourth word of a line (the third where
 * the address itself has the pattern), and in version 5 the fields of that kind. Lines are read as uscan reads them. Pure.
 */
export function withoutActions(watch: string): string {
  const isFifth = /^Version:\s*5/im.test(watch);
  const lines = isFifth ? withoutFields(watch.split("\n")) : joined(watch).map(withoutAction);
  return `${lines.join("\n")}\n`;
}

function withoutFields(lines: readonly string[]): readonly string[] {
  let dropped = false;
  return lines.filter((line) => {
    if (!/^\s/.test(line)) dropped = /^(?:update-)?(?:script|action)\s*:/i.test(line);
    return !dropped;
  });
}

/** A line that ends in a backslash goes on in the next, from version 4 on behind its blanks. */
function joined(watch: string): readonly string[] {
  const isFourth = /^\s*version\s*=\s*4/m.test(watch);
  const lines: string[] = [];
  let open: string | null = null;
  for (const line of watch.split("\n")) {
    if (open === null && /^\s*(#|$)/.test(line)) continue;
    const whole: string = open === null ? line.trimStart() : open + (isFourth ? line.trimStart() : line);
    open = /(?<!\\)\\$/.test(whole) ? whole.slice(0, -1) : null;
    if (open === null) lines.push(whole);
  }
  return lines;
}

function withoutAction(line: string): string {
  const [options = ""] = /^opt(?:ion)?s\s*=\s*(?:".*?"|[^"\s]\S*)(?:\s+|$)/.exec(line) ?? [];
  const words = line.slice(options.length).trim().split(/\s+/);
  const [address = ""] = words;
  // The pattern is in the address when that ends in something with parentheses.
  const kept = /\/[^/]*\([^/]*\)[^/]*$/.test(address) ? 2 : 3;
  return `${options}${words.slice(0, kept).join(" ")}`;
}
