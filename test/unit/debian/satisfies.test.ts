import { expect, test } from "vitest";
import { parseRelations } from "../../../src/debian/relation.ts";
import { satisfies } from "../../../src/debian/satisfies.ts";
import { disagreements, shell } from "./oracle.ts";

const offered = { name: "aa", version: "1:1.2-1", architecture: "amd64", provides: "x, y (= 2), aa (= 9)" };

test.each([
  ["aa", true],
  ["aa:any", true],
  ["aa:amd64", true],
  ["aa:i386", false],
  ["bb", false],
  ["aa (= 1:1.2-1)", true],
  ["aa (>> 1:1.2-1)", false],
  ["aa (= 9)", true],
  ["x", true],
  ["x (>= 0)", false],
  ["y", true],
  ["y (>= 2)", true],
  ["y (<< 2)", false],
])("%s", (text, isMet) => {
  const [dependency] = parseRelations(text, "Depends")[0]?.alternatives ?? [];
  if (dependency === undefined) throw new Error("there is one");

  expect(satisfies(offered, dependency)).toBe(isMet);
});

test("compares versions as dpkg --compare-versions does", () => {
  const versions = ["1.0", "1.0-1", "1.0~rc1", "1.0+b1", "1:0.1"];
  const cases = ["<<", "<=", "=", ">=", ">>"].flatMap((operator) =>
    versions.flatMap((own) => versions.map((other) => `${own} ${operator} ${other}`)),
  );
  const ask = `set -- $line; if dpkg --compare-versions "$1" "$2" "$3"; then echo true; else echo false; fi`;

  const actual = cases.map((line) => {
    const [version = "", operator, other] = line.split(" ");
    const [dependency] = parseRelations(`aa (${operator} ${other})`, "Depends")[0]?.alternatives ?? [];
    if (dependency === undefined) throw new Error("there is one");
    return String(satisfies({ ...offered, version, provides: "" }, dependency));
  });

  expect(disagreements(cases, actual, shell(ask, cases))).toEqual([]);
});
