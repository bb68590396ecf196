/** What a text or bytes of JSON say; null for what is no JSON, which a schema then refuses. */
export function parseJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === "string" ? text : Buffer.from(text).toString("utf8"));
  } catch {
    return null;
  }
}
