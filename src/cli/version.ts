import { readFileSync } from "node:fs";

/** The version in package.json. Imports nothing heavy: `debkiln --version` is to be instant. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { readonly version: unknown }).version);
}
