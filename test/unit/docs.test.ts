import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { generatedPages, pagePath, regenerate } from "../../docs/generate.ts";
import { exitCodes } from "../../src/base/failure.ts";
import { commands } from "../../src/cli/commands/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the documentation", () => {
  test.each(generatedPages)("has in %s what the code says (else: npm run docs)", (page) => {
    const text = readFileSync(pagePath(page), "utf8");

    expect(regenerate(page, text)).toBe(text);
  });

  test("explains each failure code of the source, and no other", () => {
    const inSource = [...new Set(sourceText().flatMap(failureCodes))];

    expect(
      failureRows()
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(inSource.toSorted());
  });

  test("gives each failure code its exit code", () => {
    const rows = new Map(failureRows().map(({ code, exits }) => [code, exits]));
    const raised = sourceText().flatMap((text) => [
      ...text.matchAll(/new Failure\(\s*"(\w+)",\s*"([a-z-]+)"/g),
    ]);
    const wrong = raised.filter(([, fault = "", code = ""]) => !rows.get(code)?.includes(exitOf(fault)));

    expect(wrong.map(([, fault, code]) => `${code}: ${fault}`)).toEqual([]);
  });

  test("has a section on each command in using.md", () => {
    const text = readFileSync(join(root, "docs/using.md"), "utf8");
    const missing = Object.keys(commands).filter((id) => !text.includes(`\n## debkiln ${id.split(":")[0]}`));

    expect(missing).toEqual([]);
  });

  test("links only to files that are there", () => {
    const pages = ["README.md", "CONTRIBUTING.md", ...markdown("docs"), ...markdown("docs/decisions")];
    const broken = pages.flatMap((page) =>
      linksIn(readFileSync(join(root, page), "utf8"))
        .filter((link) => !isFile(join(root, page, "..", link)))
        .map((link) => `${page}: ${link}`),
    );

    expect(broken).toEqual([]);
  });
});

/** All of src/, file by file. */
function sourceText(): string[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src", name), "utf8"));
}

/** Codes are literals: a failure's second argument, a rule's or variable's `code`, or a fallback such as "commit-failed". */
function failureCodes(text: string): string[] {
  const patterns = [
    /new Failure\(\s*(?:"\w+"|\w+),\s*"([a-z-]+)"/g,
    /\bcode(?::| =) "([a-z]+(?:-[a-z]+)+)"/g,
    /"([a-z]+(?:-[a-z]+)*-(?:failed|missing))"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = ""]) => code));
}

function failureRows(): { readonly code: string; readonly exits: readonly string[] }[] {
  const text = readFileSync(join(root, "docs/failures.md"), "utf8");
  return [...text.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|/gm)].map(([, code = "", exits = ""]) => ({
    code,
    exits: exits.split(",").map((each) => each.trim()),
  }));
}

function exitOf(fault: string): string {
  return String(new Map<string, number>(Object.entries(exitCodes)).get(fault));
}

function markdown(directory: string): string[] {
  return readdirSync(join(root, directory))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(directory, name));
}

/** Targets of relative links, without their anchors. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
