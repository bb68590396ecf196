import type { z } from "zod";
import { inputShape, shapeAt, tomlKey, valueAt } from "../../base/config.ts";
import { Failure } from "../../base/failure.ts";
import { nearest } from "../../base/nearest.ts";
import type { TomlDocument } from "../../base/toml.ts";
import { Blueprint } from "./blueprint.ts";
import { type Refusal, refusals } from "./refusals.ts";

/** Names a key's place in the definition: `images/server.toml:12`. */
export type Place = (path: readonly string[]) => string;

/**
 * Reads a definition's TOML by the schema.
 * @throws Failure definition-refused-key, definition-unknown-key, definition-invalid-value (usage), with the place.
 */
export function checkBlueprint({ values }: TomlDocument, place: Place): Blueprint {
  refuseKeys(values, place);
  const result = Blueprint.safeParse(values);
  if (result.success) return result.data;
  throw issueFailure(values, place, result.error);
}

function refuseKeys(values: Readonly<Record<string, unknown>>, place: Place): void {
  for (const refusal of refusals) {
    const path = findKey(values, refusal.key.replaceAll("[]", ".[]").split("."));
    if (path !== null) throw refusedKey(refusal, path, place);
  }
}

/** The path of the first value that a pattern matches, in which `[]` is any entry of a list. */
function findKey(value: unknown, pattern: readonly string[]): string[] | null {
  const [key, ...rest] = pattern;
  if (key === undefined) return [];
  const steps = key === "[]" ? (Array.isArray(value) ? value.map((_, index) => String(index)) : []) : [key];
  for (const step of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) continue;
    const found = findKey(Reflect.get(value, step), rest);
    if (found !== null) return [step, ...found];
  }
  return null;
}

function refusedKey({ key, reason }: Refusal, path: readonly string[], place: Place): Failure {
  return new Failure(
    "usage",
    "definition-refused-key",
    `${place(path)}: ${key} is not for a Debian image: ${reason}`,
    { hint: "Take the key out.", details: { place: place(path), key, reason } },
  );
}

function issueFailure(values: Readonly<Record<string, unknown>>, place: Place, error: z.ZodError): Failure {
  const unknown = error.issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown?.code === "unrecognized_keys") return unknownKey(unknown, place);
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map(String);
  const key = dotted(path);
  const told = issue?.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue?.message;
  const reason = (told ?? "invalid")
    .replace(/^Invalid (?:input|option): /, "")
    .replace(/, received \w+$/, "");
  const value = valueAt(values, path);
  const description = shapeAt(inputShape(Blueprint), path)?.description;
  const says = value === undefined ? `${key} is missing` : `${key}: ${reason}${shown(path, value)}`;
  return new Failure("usage", "definition-invalid-value", `${place(path)}: ${says}`, {
    ...(description === undefined ? {} : { hint: `It is: ${description}.` }),
    details: { place: place(path), key, reason },
  });
}

/** Values that are secret, or too long to be told from others by their beginning, are not repeated. */
function shown(path: readonly string[], value: unknown): string {
  const key = path.findLast((part) => !/^\d+$/.test(part)) ?? "";
  if (["password", "key", "data", "gpgkeys", "pem_certs", "run"].includes(key)) return "";
  const text = JSON.stringify(value) ?? "";
  return text.length > 120 ? "" : `, not ${text}`;
}

function unknownKey(
  issue: { readonly path: readonly PropertyKey[]; readonly keys: readonly string[] },
  place: Place,
): Failure {
  const parent = issue.path.map(String);
  const name = issue.keys[0] ?? "";
  const path = [...parent, name];
  const known = Object.keys(shapeAt(inputShape(Blueprint), parent)?.properties ?? {});
  const meant = nearest(name, known);
  const hint =
    meant === null
      ? `The keys here are: ${known.join(", ")}.`
      : `Did you mean ${dotted([...parent, meant])}?`;
  return new Failure(
    "usage",
    "definition-unknown-key",
    `${place(path)}: an image's definition has no key ${dotted(path)}`,
    {
      hint,
      details: { place: place(path), key: dotted(path), ...(meant === null ? {} : { nearest: meant }) },
    },
  );
}

/** A path for people: entries of lists are told apart by their lines, not their numbers. */
function dotted(path: readonly string[]): string {
  return path
    .map((part, at) => (/^\d+$/.test(part) ? "[]" : `${at === 0 ? "" : "."}${tomlKey(part)}`))
    .join("");
}
