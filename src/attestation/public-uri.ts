/** An address without the name and password that it may hold: for documents that are handed on. */
export function publicUri(uri: string): string {
  const url = URL.parse(uri);
  if (url === null || (url.username === "" && url.password === "")) return uri;
  url.username = "";
  url.password = "";
  return url.href;
}
