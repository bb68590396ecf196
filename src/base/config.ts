import { z } from "zod";
import { Failure } from "./failure.ts";
import { nearest } from "./nearest.ts";

type Tree = Readonly<Record<string, unknown>>;

/** The values that one place sets: a file, the environment, the flags. */
export interface Layer {
  readonly values: Tree;
  /** How to name the place of a value: `/etc/debkiln/config.toml:3`, `DEBKILN_JOBS`, `--jobs`. */
  readonly place: (path: readonly string[]) => string;
}

/** One effective value before it was read by the schema, and where it came from. */
export interface Setting {
  /** Dotted, as in TOML. */
  readonly key: string;
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: string;
}

export interface Config<T> {
  readonly values: T;
  readonly settings: readonly Setting[];
}

/**
 * Lays the layers on one another, later ones over earlier ones (tables are merged, everything else replaced), and
 * reads the result with the schema. Each layer is checked alone first, so that a message names the right place.
 * @throws Failure config-unknown-key, config-invalid-value (usage).
 */
export function layConfig<S extends z.ZodObject>(schema: S, layers: readonly Layer[]): Config<z.output<S>> {
  const alone = schema.partial();
  for (const layer of layers) check(alone, layer);
  const settings = new Map<string, Setting>();
  let merged: Tree = {};
  for (const layer of layers) {
    merged = mergeTrees(merged, layer.values);
    for (const path of leavesOf(layer.values)) {
      const key = path.map(tomlKey).join(".");
      for (const shadowed of settings.keys()) if (shadowed.startsWith(`${key}.`)) settings.delete(shadowed);
      settings.set(key, settingAt(path, valueAt(layer.values, path), layer.place(path)));
    }
  }
  const values = check(schema, { values: merged, place: (path) => path.map(tomlKey).join(".") });
  const sorted = [...settings.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { values, settings: sorted };
}

/** One setting by the path of its key. */
export function settingAt(path: readonly string[], value: unknown, origin: string): Setting {
  return { key: path.map(tomlKey).join("."), path, value, origin };
}

/** The tree that some settings make, as a TOML document has it. An empty table makes way for what is in it. */
export function treeOf(settings: readonly Pick<Setting, "path" | "value">[]): Tree {
  return settings.map(({ path, value }) => treeAt(path, value)).reduce(mergeTrees, {});
}

function treeAt(path: readonly string[], value: unknown): Tree {
  const [key = "", ...rest] = path;
  return { [key]: rest.length === 0 ? value : treeAt(rest, value) };
}

function check<S extends z.ZodObject>(schema: S, layer: Layer): z.output<S> {
  const result = schema.safeParse(layer.values);
  if (result.success) return result.data;
  throw issueFailure(schema, layer, result.error);
}

function issueFailure(schema: z.ZodObject, layer: Layer, error: z.ZodError): Failure {
  const unknown = error.issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown?.code === "unrecognized_keys") return unknownKey(schema, layer, unknown);
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map(String);
  const place = layer.place(path);
  const value = valueAt(layer.values, path);
  const reason = (issue?.message ?? "invalid")
    .replace(/^Invalid (?:input|option): /, "")
    .replace(/^Invalid URL$/, "expected a URL")
    .replace(/, received \w+$/, "");
  const quoted = JSON.stringify(value);
  const written = value === undefined || reason.includes(quoted) ? "" : `, not ${quoted}`;
  const description = descriptionOf(schema, path);
  // A file's line says nothing of the key; a flag and a variable are called as it is.
  const name = /^(?:--|DEBKILN_)/.test(place) ? place : `${place}: ${path.map(tomlKey).join(".")}`;
  return new Failure("usage", "config-invalid-value", `${name}: ${reason}${written}`, {
    ...(description === null ? {} : { hint: `${path[0]} is: ${description}` }),
    details: { place, key: path.join("."), reason },
  });
}

function unknownKey(
  schema: z.ZodObject,
  layer: Layer,
  issue: { readonly path: readonly PropertyKey[]; readonly keys: readonly string[] },
): Failure {
  const parent = issue.path.map(String);
  const name = issue.keys[0] ?? "";
  const path = [...parent, name];
  const known = keysAt(schema, parent);
  const meant = nearest(name, known);
  const hint =
    meant === null
      ? `The keys here are: ${known.join(", ")}.`
      : `Did you mean ${[...parent, meant].map(tomlKey).join(".")}?`;
  const place = layer.place(path);
  return new Failure(
    "usage",
    "config-unknown-key",
    `${place}: there is no setting "${path.map(tomlKey).join(".")}"`,
    { hint, details: { place, key: path.join("."), ...(meant === null ? {} : { nearest: meant }) } },
  );
}

/** What the schema says a key is for, by its `describe`. */
export function descriptionOf(schema: z.ZodObject, path: readonly string[]): string | null {
  return inputShape(schema).properties?.[path[0] ?? ""]?.description ?? null;
}

/** JSON Schema's view of what may be written, as far as it is needed here. */
export const Shape = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), Shape).optional();
  },
  get additionalProperties() {
    return z.union([Shape, z.boolean()]).optional();
  },
  get items() {
    return Shape.optional();
  },
});
export type Shape = z.infer<typeof Shape>;

/** What may be written for a schema (its input side), from which types and descriptions of keys are read. */
export function inputShape(schema: z.ZodObject): Shape {
  return Shape.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
}

function keysAt(schema: z.ZodObject, path: readonly string[]): readonly string[] {
  return Object.keys(shapeAt(inputShape(schema), path)?.properties ?? {});
}

/** What may be written at a path, whose parts are keys and indices; null where nothing may. */
export function shapeAt(root: Shape, path: readonly string[]): Shape | null {
  let shape: Shape | undefined = root;
  for (const key of path) {
    const others: Shape | boolean | undefined = shape?.additionalProperties;
    const entry: Shape | undefined = /^\d+$/.test(key) ? shape?.items : undefined;
    shape = entry ?? shape?.properties?.[key] ?? (typeof others === "object" ? others : undefined);
  }
  return shape ?? null;
}

function mergeTrees(below: Tree, above: Tree): Tree {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isTree(value) && isTree(under) ? mergeTrees(under, value) : value;
  }
  return merged;
}

function leavesOf(tree: Tree, parent: readonly string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) && Object.keys(value).length > 0 ? leavesOf(value, [...parent, key]) : [[...parent, key]],
  );
}

/** The value at a path of keys and indices, or undefined. */
export function valueAt(tree: Tree, path: readonly string[]): unknown {
  let value: unknown = tree;
  for (const key of path) value = isTree(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined;
  return value;
}

/** Whether a value is a table (an object that is neither list nor date). */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A key as TOML writes it: quoted where it must be. */
export function tomlKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}
