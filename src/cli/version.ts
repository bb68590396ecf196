import { readFileSync } from "node:fs";

/** The version in package.json. Imports nothing heavy: `debkiln --version` is to be instant. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "version" in parsed
    ? String(parsed.version)
    : "unknown";
}
