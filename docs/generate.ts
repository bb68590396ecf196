// Writes the parts of the documentation that the code says itself: `npm run docs`. Tests fail when a page is stale.
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { HookContext } from "../src/build/hook/context.ts";
import { hookPointNames, hookPoints } from "../src/build/hook/point.ts";
import { Shape, inputShape, shapeAt } from "../src/base/config.ts";
import { commands } from "../src/cli/commands/index.ts";
import { manualPage } from "../src/cli/reference/manual.ts";
import { type FlagFacts, commandFacts, sharedFlags } from "../src/cli/reference/facts.ts";
import { variableOf } from "../src/cli/setting-variables.ts";
import { builtIn, Settings } from "../src/cli/settings.ts";
import { Target } from "../src/environment/target.ts";
import { Blueprint } from "../src/image/blueprint/blueprint.ts";
import { refusals } from "../src/image/blueprint/refusals.ts";
import { varTable } from "../src/image/finish/var-table.ts";

/** The generated parts by page and by the name in their marks, `<!-- begin NAME -->` and `<!-- end NAME -->`. */
const parts: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "configuration.md": {
    settings: () => shapeTable(inputShape(Settings), builtIn, variableOf),
    target: () => shapeTable(inputShape(Target), {}, null),
  },
  "commands.md": { commands: commandReference },
  "extending.md": { points: pointTable, context: contextTable },
  "image-definition.md": {
    keys: () => definitionTable([], ["customizations", "debian", "bootc"]),
    customizations: () => definitionTable(["customizations"]),
    debian: () => definitionTable(["debian"]),
    bootc: () => definitionTable(["bootc"]),
    refusals: () =>
      table(
        ["Key of osbuild's", "Why not"],
        refusals.map(({ key, reason }) => [`\`${key}\``, reason]),
      ),
  },
  "image-filesystem.md": {
    var: () =>
      table(
        ["Path", "What becomes of it", "Why"],
        varTable
          .toSorted((a, b) => (a.path < b.path ? -1 : 1))
          .map(({ path, outcome, reason }) => [`\`/var/${path}\``, outcome, reason]),
      ),
  },
};

/** The manual is generated whole. */
const manual = "debkiln.1";

export const generatedPages: readonly string[] = [...Object.keys(parts), manual];

export function pagePath(page: string): URL {
  return new URL(page, import.meta.url);
}

/** The page's text with its generated parts as the code has them now. */
export function regenerate(page: string, text: string): string {
  if (page === manual) return manualPage(commandFacts(commands));
  return Object.entries(parts[page] ?? {}).reduce(
    (whole, [name, generate]) => replacePart(whole, name, generate()),
    text,
  );
}

function replacePart(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`There is no "${begin}" ... "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

function shapeTable(
  shape: Shape,
  defaults: Readonly<Record<string, unknown>>,
  variable: typeof variableOf | null,
): string {
  const rows = Object.entries(shape.properties ?? {}).map(([key, each]) => [
    `\`${key}\``,
    typeWords(each),
    defaultText(defaults[key] ?? each["default"]),
    ...(variable === null ? [] : [variableText(variable(key, each))]),
    each.description ?? "",
  ]);
  const head = ["Key", "Value", "Built-in", ...(variable === null ? [] : ["Variable"]), "What it is"];
  return table(head, rows);
}

function variableText(name: string | null): string {
  return name === null ? "none" : `\`${name}\``;
}

function pointTable(): string {
  const rows = hookPointNames.map((name) => {
    const { when, container, user, changes } = hookPoints[name];
    return [
      `\`${name}\``,
      when,
      container ? `container, as ${user}; or host` : "host",
      changes ? "yes" : "no",
    ];
  });
  return table(["Point", "When", "Where", "Can change the results"], rows);
}

function contextTable(): string {
  // What may be null has a list of types.
  const text = JSON.stringify(z.toJSONSchema(HookContext, { unrepresentable: "any" }));
  const shape = Shape.parse(
    JSON.parse(text, (key, value: unknown) =>
      key === "type" && Array.isArray(value) ? value.join(" or ") : value,
    ),
  );
  const rows = Object.entries(shape.properties ?? {}).flatMap(([key, each]) => definitionRows(key, each, []));
  return table(
    ["Key", "Value", "What it is"],
    rows.map(([key = "", value = "", , what = ""]) => [key, value, what]),
  );
}

/** The keys of a table of the definition, those of its inner tables below it. */
function definitionTable(path: readonly string[], without: readonly string[] = []): string {
  const shape = shapeAt(inputShape(Blueprint), path) ?? {};
  const keys = Object.entries(shape.properties ?? {}).filter(([key]) => !without.includes(key));
  const rows = keys.flatMap(([key, each]) => definitionRows(key, each, shape.required ?? []));
  return table(["Key", "Value", "Default", "What it is"], rows);
}

function definitionRows(key: string, shape: Shape, required: readonly string[]): string[][] {
  const name = key.split(".").at(-1)?.replace("[]", "") ?? "";
  const standard = required.includes(name) ? "needed" : defaultText(shape["default"]);
  const own = [`\`${key}\``, typeWords(shape), standard === "`[]`" ? "" : standard, shape.description ?? ""];
  const inner = shape.items?.properties === undefined ? shape : shape.items;
  const prefix = inner === shape ? key : `${key}[]`;
  const below = Object.entries(inner.properties ?? {}).flatMap(([each, innerShape]) =>
    definitionRows(`${prefix}.${each}`, innerShape, inner.required ?? []),
  );
  return [own, ...below];
}

function typeWords(shape: Shape): string {
  const { type, enum: choices, const: only, anyOf, items } = shape;
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  const choice = orNull(anyOf);
  if (choice !== null) return `${typeWords(choice)} or null`;
  if (Array.isArray(anyOf)) return "name or number";
  if (items !== undefined)
    return items.properties === undefined ? `list: ${typeWords(items)}` : "list of tables";
  if (Array.isArray(choices)) return choices.map((choice) => `\`${String(choice)}\``).join(", ");
  return (
    {
      "string or null": "text or null",
      boolean: "true or false",
      integer: "whole number",
      array: "list",
      object: "table",
      string: "text",
    }[type ?? ""] ??
    type ??
    "text"
  );
}

/** What else there may be beside null. */
function orNull(anyOf: unknown): Shape | null {
  const shapes = z.array(Shape).safeParse(anyOf).data ?? [];
  const [other, ...more] = shapes.filter(({ type }) => type !== "null");
  return other !== undefined && more.length === 0 ? other : null;
}

function defaultText(value: unknown): string {
  return value === undefined || JSON.stringify(value) === "{}" ? "" : `\`${JSON.stringify(value)}\``;
}

function commandReference(): string {
  const own = commandFacts(commands).map(({ name, summary, arguments: args, more, flags }) => {
    const words = args.map((each) => `[${each.name.toUpperCase()}${more ? "..." : ""}]`);
    const usage = ["debkiln", name, ...words].join(" ");
    return [`## debkiln ${name}`, summary, `    ${usage}`, flagTable(flags)].join("\n\n");
  });
  return [...own, "## Flags of every command", flagTable(sharedFlags())].join("\n\n");
}

function flagTable(flags: readonly FlagFacts[]): string {
  const rows = flags.map((flag) => [flagText(flag), flag.description]);
  return rows.length === 0 ? "It has no flags of its own." : table(["Flag", "What it does"], rows);
}

function flagText({ name, char, value, negated }: FlagFacts): string {
  const short = char === null ? "" : `\`-${char}\`, `;
  return `${short}\`--${negated ? "[no-]" : ""}${name}${value === null ? "" : ` ${value}`}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll("|", String.raw`\|`)));
  return [head, head.map(() => "---"), ...escaped].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

if (import.meta.main) {
  for (const page of generatedPages) {
    const path = pagePath(page);
    await writeFile(path, regenerate(page, await readFile(path, "utf8")));
  }
}
