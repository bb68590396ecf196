import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { inputShape, isTree } from "./config.ts";
import type { Layer, Shape } from "./config.ts";
import { Failure } from "./failure.ts";
import { nearest } from "./nearest.ts";
import { findProjectFile, type ProjectFile } from "./project-file.ts";
import { isMissing } from "./system-error.ts";
import { parseToml } from "./toml.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The files that may hold settings, lowest layer first: the system's, the user's, the nearest project's (findProjectFile). */
export async function configFiles(
  program: string,
  directory: string,
  environment: Environment,
): Promise<{ readonly system: string; readonly user: string; readonly project: ProjectFile | null }> {
  const home = environment["HOME"] || homedir();
  const uid = process.geteuid?.() ?? 0;
  return {
    system: `/etc/${program}/config.toml`,
    user: join(environment["XDG_CONFIG_HOME"] || join(home, ".config"), program, "config.toml"),
    project: await findProjectFile({ directory, name: `.${program}.toml`, home, uid }),
  };
}

/** The layer of a TOML file, or null when there is no such file. @throws Failure config-syntax, config-unreadable (usage). */
export async function fileLayer(file: string): Promise<Layer | null> {
  const text = await readText(file);
  if (text === null) return null;
  const document = parseToml(text, file);
  return {
    values: document.values,
    place: (path) => [file, document.lineOf(path)].filter((part) => part !== null).join(":"),
  };
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw new Failure("usage", "config-unreadable", `Cannot read ${file}: ${String(thrown)}`, {
      hint: "Make the file readable for you, or remove it.",
      cause: thrown,
    });
  }
}

/**
 * The layer of the variables that begin with the prefix: `DEBKILN_MAX_AGE` sets `max_age`, two underscores enter a
 * table (`DEBKILN_TARGETS__MINE__SUITE`). Text becomes what the schema wants at the key: lists are split at commas
 * and white space, booleans are 1/0, true/false, yes/no. `reserved` names (without prefix; a final `*` stands for
 * any ending) are other people's. @throws Failure config-unknown-key, config-invalid-value (usage).
 */
export function environmentLayer(
  schema: z.ZodObject,
  prefix: string,
  reserved: readonly string[],
  environment: Environment,
): Layer {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const ours = Object.entries(environment).filter(([name]) => name.startsWith(prefix));
  const shape = ours.length === 0 ? {} : inputShape(schema);
  for (const [name, text] of ours) {
    const rest = name.slice(prefix.length);
    if (text === undefined || text === "" || reserved.some((pattern) => matches(pattern, rest))) continue;
    const path = rest.toLowerCase().split("__");
    set(values, path, fromText(keyShape(shape, path, name, prefix), text, name));
    origins.set(path.join("\0"), name);
  }
  return { values, place: (path) => originOf(origins, path) ?? `${prefix}*` };
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function keyShape(root: Shape, path: readonly string[], variable: string, prefix: string): Shape {
  let shape = root;
  for (const key of path) {
    const others = shape.additionalProperties;
    const next = shape.properties?.[key] ?? (typeof others === "object" ? others : undefined);
    if (next === undefined) throw unknownVariable(Object.keys(root.properties ?? {}), variable, prefix);
    shape = next;
  }
  return shape;
}

function unknownVariable(keys: readonly string[], variable: string, prefix: string): Failure {
  const names = keys.map((key) => prefix + key.toUpperCase());
  const meant = nearest(variable, names);
  return new Failure("usage", "config-unknown-key", `${variable}: there is no such setting`, {
    hint:
      meant === null ? `Unset ${variable}; the settings are: ${keys.join(", ")}.` : `Did you mean ${meant}?`,
    details: { place: variable, ...(meant === null ? {} : { nearest: meant }) },
  });
}

const words = new Map([
  ...["1", "true", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off"].map((word) => [word, false] as const),
]);

function fromText(shape: Shape, text: string, variable: string): unknown {
  if (shape.type === "array") return text.split(/[\s,]+/).filter((word) => word !== "");
  if (shape.type === "integer" || shape.type === "number") return numberFrom(text, variable);
  if (shape.type !== "boolean") return text;
  const value = words.get(text.toLowerCase());
  if (value === undefined) throw notA("yes or no", text, variable);
  return value;
}

function numberFrom(text: string, variable: string): number {
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw notA("a number", text, variable);
  return Number(text);
}

function notA(wanted: string, text: string, variable: string): Failure {
  return new Failure("usage", "config-invalid-value", `${variable}: expected ${wanted}, not "${text}"`, {
    hint: `Set ${variable} to ${wanted}, or unset it.`,
  });
}

function set(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const under = tree[key];
  const inner = isTree(under) ? { ...under } : {};
  set(inner, rest, value);
  tree[key] = inner;
}

/** The layer of given flags: those of them that are settings and were given. `--max-age` sets `max_age`. */
export function flagLayer(schema: z.ZodObject, flags: Readonly<Record<string, unknown>>): Layer {
  const values: Record<string, unknown> = {};
  for (const [flag, value] of Object.entries(flags)) {
    const key = flag.replaceAll("-", "_");
    if (value !== undefined && key in schema.shape) values[key] = value;
  }
  return { values, place: (path) => `--${(path[0] ?? "").replaceAll("_", "-")}` };
}

function originOf(origins: ReadonlyMap<string, string>, path: readonly string[]): string | null {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join("\0"));
    if (origin !== undefined) return origin;
  }
  return null;
}
