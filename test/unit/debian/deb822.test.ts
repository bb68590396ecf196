import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Field, formatDeb822, parseDeb822, parseStanza } from "../../../src/debian/deb822.ts";
import { disagreements, perl } from "./oracle.ts";

const line = fc
  .array(fc.constantFrom("a", "word", " ", ".", "#", ":", "é", "-"), { maxLength: 6 })
  .map((words) => words.join("").trimEnd());
const value = fc
  .tuple(
    line.map((text) => text.trim()),
    fc.array(line, { maxLength: 3 }),
  )
  .map(([first, rest]) => [first, ...rest].join("\n"));
const fields = fc
  .uniqueArray(fc.tuple(fc.constantFrom("Source", "X-Foo", "Build-Depends", "X_y", "A/b"), value), {
    selector: ([name]) => name,
    minLength: 1,
  })
  .map((list): readonly Field[] => list);

describe("parseDeb822 and formatDeb822", () => {
  test("give back what was written", () => {
    const property = fc.property(fc.array(fields), (stanzas) => {
      const read = parseDeb822(formatDeb822(stanzas), "control");

      expect(read.map((stanza) => stanza.fields())).toEqual(stanzas);
      expect(formatDeb822(read)).toBe(formatDeb822(stanzas));
    });

    fc.assert(property);
  });

  test("read as Dpkg::Control does", () => {
    const ask = `my $c = Dpkg::Control::HashCore->new(); open my $fh, '<:utf8', \\ Encode::encode_utf8($_) or die;
      $c->parse($fh, 'text'); +{ map { ($_ => $c->{$_}) } keys %$c }`;
    const texts = fc.sample(fields, 300).map((stanza) => formatDeb822([stanza]));
    const oracle = perl(["Dpkg::Control::HashCore", "Encode"], ask, texts);

    const actual = texts.map((text) => Object.fromEntries(parseStanza(text, "text").fields()));

    expect(disagreements(texts, actual, oracle)).toEqual([]);
  });

  test("skip comments, blank lines and carriage returns", () => {
    const text = "\n# head\nSource: sl\r\n# between\n continued\n\n\n \t \nPackage: sl\n";

    const stanzas = parseDeb822(text, "debian/control");

    expect(stanzas.map((stanza) => stanza.fields())).toEqual([
      [["Source", "sl\ncontinued"]],
      [["Package", "sl"]],
    ]);
  });

  test("names compare without regard to case and cannot reach an object's prototype", () => {
    const stanza = parseStanza("build-depends: x\n__proto__: y\n", "control");

    expect(stanza.get("Build-Depends")).toBe("x");
    expect(stanza.get("__PROTO__")).toBe("y");
    expect(stanza.get("constructor")).toBeNull();
  });

  test("a field with a line break in its name cannot be written", () => {
    expect(() => formatDeb822([[["A\nB", "x"]]])).toThrow("cannot be written");
  });

  test.each([
    ["A: 1\na: 2\n", 2, "the field a a second time"],
    ["A: 1\nB: x\0y\n", 2, "a NUL character"],
    ["A: 1\n\n lone\n", 3, "a continuation line that belongs to no field"],
    ["no field\n", 1, "a line that is neither"],
    ["-A: 1\n", 1, "a line that is neither"],
    [": 1\n", 1, "a line that is neither"],
    ["A B: 1\n", 1, "a line that is neither"],
    ["-----BEGIN PGP SIGNED MESSAGE-----\n", 1, "a line that is neither"],
  ])("refuse %j, naming file and line", (text, line, what) => {
    expect(() => parseDeb822(text, "debian/control")).toThrow(
      expect.objectContaining({
        code: "bad-control-data",
        fault: "package",
        message: expect.stringContaining(`debian/control, line ${line}: control data has ${what}`),
      }),
    );
  });
});

describe("Stanza", () => {
  test("require names the file, the line and the field that is missing", () => {
    const [, stanza] = parseDeb822("A: 1\n\nB: 2\nC:\n", "x.dsc");

    for (const field of ["Version", "C"]) {
      expect(() => stanza?.require(field)).toThrow(
        expect.objectContaining({
          code: "field-missing",
          message: `x.dsc, line 3: the field ${field} is missing`,
        }),
      );
    }
  });
});

test("parseStanza wants exactly one stanza", () => {
  expect(() => parseStanza("", "x.dsc")).toThrow("no fields at all");
  expect(() => parseStanza("A: 1\n\nA: 2\n", "x.dsc")).toThrow("line 3: control data has a second stanza");
});

test("a user's own file is the user's fault", () => {
  expect(() => parseDeb822("x", "my.sources", "usage")).toThrow(expect.objectContaining({ fault: "usage" }));
});
