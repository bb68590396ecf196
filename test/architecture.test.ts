import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The floors, lowest first. A folder imports itself and lower floors only. */
const floors = [
  ["base"],
  ["debian", "oci"],
  ["engine", "store", "openpgp"],
  ["environment", "doctor", "repository"],
  ["attestation"],
  ["build", "pipeline", "image"],
  ["compose"],
  ["hub"],
  ["cli"],
];

/** Third-party packages and the folders of `src/` that may use them. */
const homes: Readonly<Record<string, readonly string[]>> = {
  dockerode: ["engine"],
  "tar-stream": ["engine", "oci"],
  "@oclif/core": ["cli"],
  "smol-toml": ["base"],
  "@balena/dockerignore": ["build", "image"],
  execa: ["base"],
  zod: floors.flat(),
};

const vagueNames = /^(?:utils?|helpers?|common|managers?|misc|shared)$/;
const longestFile = 300;

describe("the architecture", () => {
  const files = sourceFiles(join(root, "src"));
  const sources = new Map(files.map((file) => [relative(root, file), readFileSync(file, "utf8")]));
  const imports = [...sources].flatMap(([file, text]) =>
    importsOf(text).map((target) => ({ file, target: resolveImport(file, target) })),
  );

  test("has every folder of src/ on a floor", () => {
    const folders = new Set([...sources.keys()].map(folderOf));

    expect([...folders].filter((folder) => floorOf(folder) === -1)).toEqual([]);
  });

  test("lets a file import only its own folder and lower floors", () => {
    const wrong = imports.filter(({ file, target }) => target.startsWith("src/") && !mayImport(file, target));

    expect(wrong.map(arrow)).toEqual([]);
  });

  test("lets test/ and bin/ stay outside src/", () => {
    const outside = imports.filter(
      ({ target }) => /^(?:test|bin|docs)\//.test(target) || target.startsWith(".."),
    );

    expect(outside.map(arrow)).toEqual([]);
  });

  test("has no import cycle", () => {
    const graph = new Map<string, string[]>();
    for (const { file, target } of imports) graph.set(file, [...(graph.get(file) ?? []), target]);

    expect(cycleIn(graph)).toEqual([]);
  });

  test("keeps each third-party package at its home", () => {
    const thirdParty = imports.filter(({ target }) => !target.startsWith("src/") && !isBuiltIn(target));
    const wrong = thirdParty.filter(
      ({ file, target }) => !(homes[packageOf(target)] ?? []).includes(folderOf(file)),
    );

    expect(wrong.map(arrow)).toEqual([]);
  });

  test("imports files by their whole name", () => {
    const inexact = imports.filter(({ target }) => target.startsWith("src/") && !sources.has(target));

    expect(inexact.map(arrow)).toEqual([]);
  });

  test("names files and folders for what is in them, in kebab-case", () => {
    const parts = [...sources.keys()].flatMap((file) => file.split("/"));
    const names = parts.map((part) => basename(part, ".ts"));

    expect(names.filter((name) => vagueNames.test(name) || !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });

  test("uses no `any`, no default export, no enum and no namespace", () => {
    const forbidden =
      /\bas any\b|: any(?=\s*(?:[;,)=|&>}{]|$))|<any\b|\bany\[\]|^export default\b|^(?:export )?(?:const )?enum\b|^(?:export )?namespace\b/m;
    const wrong = [...sources].filter(([, text]) => forbidden.test(withoutComments(text)));

    expect(wrong.map(([file]) => file)).toEqual([]);
  });

  test("keeps files short", () => {
    const long = [...sources].filter(([, text]) => text.split("\n").length > longestFile + 1);

    expect(long.map(([file]) => file)).toEqual([]);
  });

  test("prints only from src/cli", () => {
    const printing = [...sources].filter(
      ([file, text]) =>
        folderOf(file) !== "cli" && /\bconsole\.|process\.std(?:out|err)\b/.test(withoutComments(text)),
    );

    expect(printing.map(([file]) => file)).toEqual([]);
  });
});

describe("the reading of imports", () => {
  test("sees static, dynamic, type, re-exporting and side-effect imports", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type {\n  B,\n} from "./b.ts";',
      'export { c } from "./c.ts";',
      'import "./d.ts";',
      'const e = await import("./e.ts");',
      'type F = import("./f.ts").F;',
      '// import { g } from "./g.ts";',
      'const flags = ["--h-from", "./h.ts"];',
    ].join("\n");

    expect(importsOf(text)).toEqual(["./a.ts", "./b.ts", "./c.ts", "./d.ts", "./e.ts", "./f.ts"]);
  });

  test("finds a cycle and names its members", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);

    expect(cycleIn(graph)).toEqual(["b", "c", "b"]);
  });

  test("tells upward and sideways imports from downward ones", () => {
    expect(mayImport("src/engine/a.ts", "src/base/b.ts")).toBe(true);
    expect(mayImport("src/engine/a.ts", "src/engine/b.ts")).toBe(true);
    expect(mayImport("src/engine/a.ts", "src/store/b.ts")).toBe(false);
    expect(mayImport("src/base/a.ts", "src/cli/b.ts")).toBe(false);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
}

function importsOf(text: string): string[] {
  const form = /(?<![-\w])(?:from\s*|import\s*\(\s*|import\s+)(["'])([^"'\n]+)\1/g;
  return [...withoutComments(text).matchAll(form)].map((match) => match[2] ?? "");
}

function resolveImport(file: string, target: string): string {
  return target.startsWith(".") ? join(dirname(file), target) : target;
}

function mayImport(file: string, target: string): boolean {
  const [from, to] = [folderOf(file), folderOf(target)];
  return from === to || floorOf(to) < floorOf(from);
}

function folderOf(file: string): string {
  return file.split("/")[1] ?? "";
}

function floorOf(folder: string): number {
  return floors.findIndex((floor) => floor.includes(folder));
}

function isBuiltIn(target: string): boolean {
  return target.startsWith("node:");
}

function packageOf(target: string): string {
  const parts = target.split("/");
  return parts.slice(0, target.startsWith("@") ? 2 : 1).join("/");
}

function arrow({ file, target }: { readonly file: string; readonly target: string }): string {
  return `${file} -> ${target}`;
}

/** Some cycle of the graph as a walk that ends where it began, or nothing. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>();
  const visit = (node: string, walk: readonly string[]): string[] => {
    if (walk.includes(node)) return [...walk.slice(walk.indexOf(node)), node];
    if (finished.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next, [...walk, node]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
