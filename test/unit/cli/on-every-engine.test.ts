import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commandFiles } from "../../../src/cli/commands/files.ts";
import { provenBy, provenOnTwo, withoutEngine } from "../../e2e/on-every-engine.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cli = join(root, "src/cli");
const proven = [...Object.entries(provenBy), ...Object.entries(provenOnTwo)];
const asking = proven.flatMap(([, ids]) => [...ids]);

describe("each command", () => {
  test("is proven on every engine in one place, or asks none", () => {
    const named: readonly string[] = [...asking, ...withoutEngine];

    expect(named.toSorted()).toEqual(Object.keys(commandFiles).toSorted());
  });

  test.each(withoutEngine)("that is said to ask no engine does not: %s", (id) => {
    expect(filesThatAsk(id)).toEqual([]);
  });

  test.each(asking)("that is said to ask one does: %s", (id) => {
    expect(filesThatAsk(id)).not.toEqual([]);
  });
});

test.each(Object.keys(provenBy))("the file %s runs on every engine", (file) => {
  expect(textOf(file)).toMatch(/\b(describeEngines\(|(test|describe)\.each\(engines\))/);
});

test.each(proven.flatMap(([file, ids]) => ids.map((id) => [file, id] as const)))(
  "the file %s runs %s",
  (file, id) => {
    const words = id.split(":").map((word) => `"${word}"`);

    expect(textOf(file)).toMatch(new RegExp(words.join(",\\s*")));
  },
);

function textOf(file: string): string {
  return readFileSync(join(root, "test/e2e", file), "utf8");
}

/** The modules of the command line that a command may load and that connect to an engine. */
function filesThatAsk(id: string): string[] {
  const seen = new Set([join(cli, "commands", `${id.replaceAll(":", "/")}.ts`)]);
  for (const file of seen) {
    const loading = readFileSync(file, "utf8").replaceAll(/^import type [^;]*;/gm, "");
    const paths = [...loading.matchAll(/(?:from |import\()"(\.[^"]+)"/g)].map(([, path = ""]) => path);
    for (const path of paths.map((each) => join(dirname(file), each))) if (isFollowed(path)) seen.add(path);
  }
  const asking =
    /\bwithKiln\(|\bsession\.connect\b|\bconnect\b[^;]*\} = session;|\{ connect\b[^;]*\}: Session\b/;
  return [...seen].filter((file) => asking.test(readFileSync(file, "utf8")));
}

/** What every command has, and the way to an engine itself, are no sign that a command goes it. */
function isFollowed(file: string): boolean {
  return file.startsWith(cli) && !["command.ts", "kiln.ts", "session.ts"].includes(relative(cli, file));
}
