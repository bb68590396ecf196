import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalRelations,
  firstAlternatives,
  formatRelations,
  parseRelations,
  profilesApply,
  reduceRelations,
} from "../../../src/debian/relation.ts";
import { disagreements, perl } from "./oracle.ts";

const parse = (text: string) => parseRelations(text, "Build-Depends");

const space = fc.constantFrom("", " ", "\n  ");
const dependency = fc
  .tuple(
    fc.constantFrom("libc6-dev", "g++", "gcc-14", "0ad", "libX11"),
    fc.constantFrom("", "", ":any", ":native", ":arm64"),
    space,
    fc.constantFrom("", "", "(>= 1.0)", "(<<2:1.0-1~)", "( = 1 )", "(> 3)", "(<4)"),
    space,
    fc.constantFrom(
      "",
      "[amd64]",
      "[!amd64 !arm64]",
      "[linux-any]",
      "[ any-arm hurd-any ]",
      "[!kfreebsd-any]",
      "[amd64 !armhf]",
    ),
    space,
    fc.constantFrom("", "<!nocheck>", "<cross> <!stage1 !nodoc>", "<nocheck !stage1>", "<pkg.foo.bar>"),
  )
  .map((parts) => parts.join(""));
const field = fc
  .array(
    fc.array(dependency, { minLength: 1, maxLength: 3 }).map((list) => list.join(" | ")),
    { maxLength: 4 },
  )
  .map((list) => list.join(",\n "));
const request = fc.record({
  field,
  architecture: fc.constantFrom("amd64", "arm64", "armhf", "armel", "i386", "s390x"),
  profiles: fc.subarray(["nocheck", "cross", "stage1", "nodoc", "pkg.foo.bar"]),
});

describe("parseRelations and reduceRelations", () => {
  test("give what Dpkg::Deps gives", () => {
    const ask = `deps_parse($_->{field}, build_dep => 1, reduce_restrictions => 1, host_arch => $_->{architecture},
      build_arch => 'amd64', build_profiles => $_->{profiles})->output()`;
    const requests = fc.sample(request, 1000);
    const oracle = perl(["Dpkg::Deps"], ask, requests);

    const actual = requests.map(({ field, ...restrictions }) =>
      formatRelations(reduceRelations(parse(field), restrictions)),
    );

    expect(disagreements(requests, actual, oracle)).toEqual([]);
  });

  test("refuse what Dpkg::Deps refuses", () => {
    const text = fc
      .array(
        fc.constantFrom(
          "a1",
          "b2",
          " ",
          ",",
          "|",
          "(",
          ")",
          ">=",
          "1",
          "[",
          "]",
          "amd64",
          "<",
          ">",
          ":",
          "!",
          "$",
          "_",
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      )
      .map((words) => words.join(""));
    const texts = fc.sample(text, 1000);

    const accepted = perl(["Dpkg::Deps"], "defined(deps_parse($_, build_dep => 1)) ? 1 : 0", texts);

    expect(texts.filter((text, i) => accepted[i] !== 1 && accepts(text))).toEqual([]);
  });

  test("keep every part of a dependency", () => {
    const [relation] = parse(
      "libfoo-dev:any (>= 1:2.0~) [linux-any !s390x] <!nocheck !stage1> <cross> | bar",
    );

    expect(relation?.alternatives[0]).toEqual({
      name: "libfoo-dev",
      qualifier: "any",
      version: { operator: ">=", version: "1:2.0~" },
      architectures: ["linux-any", "!s390x"],
      profiles: [["!nocheck", "!stage1"], ["cross"]],
    });
    expect(relation?.alternatives[1]?.name).toBe("bar");
  });

  test("formatting and parsing again changes nothing", () => {
    const property = fc.property(field, (text) => {
      expect(parse(formatRelations(parse(text)))).toEqual(parse(text));
    });

    fc.assert(property);
  });

  test.each([
    "foo bar",
    "foo (>= )",
    "foo []",
    "foo <>",
    "foo (>= 1; rm)",
    "${misc:Depends}",
    "foo [amd64",
    "-x",
  ])("refuse %j, naming the field", (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "bad-relation",
        fault: "package",
        message: expect.stringContaining("Build-Depends"),
      }),
    );
  });

  test("pass over empty entries, as dpkg does", () => {
    expect(formatRelations(parse(", a,, b | ,"))).toBe("a, b");
  });

  test("take time in proportion to a hostile field's length", () => {
    const hostile = `foo ${"<a ".repeat(50_000)}`;

    expect(() => parse(hostile)).toThrow("no relation");
  });
});

test("firstAlternatives keeps the first and those directly after it of the same package", () => {
  const relations = parse("a (>= 1) | a (<< 0) | b | a, c | d, e");

  expect(formatRelations(firstAlternatives(relations))).toBe("a (>= 1) | a (<< 0), c, e");
});

describe("canonicalRelations", () => {
  test("is equal for fields that differ in order, spacing and repetition", () => {
    const property = fc.property(
      fc.uniqueArray(dependency, { minLength: 1 }),
      fc.infiniteStream(fc.nat()),
      (list, numbers) => {
        const shuffled = [...list, ...list.slice(0, 1)]
          .map((text) => ({ text, key: numbers.next().value }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ text }) => ` ${text}\n`);

        expect(canonicalRelations(parse(shuffled.join(",")))).toBe(canonicalRelations(parse(list.join(","))));
      },
    );

    fc.assert(property);
  });

  test("differs when the alternatives' order does", () => {
    expect(canonicalRelations(parse("a | b"))).not.toBe(canonicalRelations(parse("b | a")));
  });
});

test("a formula of profiles holds when all of one list hold", () => {
  const formula = [["!nocheck", "!stage1"], ["cross"]];

  expect(profilesApply(formula, [])).toBe(true);
  expect(profilesApply(formula, ["nocheck"])).toBe(false);
  expect(profilesApply(formula, ["nocheck", "cross"])).toBe(true);
  expect(profilesApply([], ["nocheck"])).toBe(true);
});

function accepts(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
