/**
 * The symbols that a package's libraries give to others, each after its library's name (`libjq.so.1 jv_copy@Base`): what
 * deb-symbols(5) has in lines that begin with a space. Other lines say nothing of that.
 */
export function symbolsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  let library = "";
  for (const line of text.split("\n")) {
    const [, soname] = /^([^\s*|#][^\s]*)\s+\S/.exec(line) ?? [];
    if (soname !== undefined) library = soname;
    const [, symbol] = /^ (\S+)(?: |$)/.exec(line) ?? [];
    if (symbol !== undefined && library !== "") found.add(`${library} ${symbol}`);
  }
  return found;
}
