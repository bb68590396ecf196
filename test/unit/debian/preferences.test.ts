import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPreferences } from "../../../src/debian/preferences.ts";

describe("readPreferences", () => {
  test("gives the pins without what changes nothing", () => {
    const text =
      "# mine\nExplanation: a reason\n over two lines\nPackage: figlet\n  sl\nPin: release  n=trixie\nPin-Priority: 0990\n\n\nPackage: *\nPin: version 1.*\nPin-Priority: -10\n";

    expect(readPreferences(text, "pins")).toBe(
      "Package: figlet sl\nPin: release n=trixie\nPin-Priority: 990\n\nPackage: *\nPin: version 1.*\nPin-Priority: -10\n",
    );
  });

  test("reads what it gives as the same", () => {
    const word = fc.stringMatching(/^[a-z*][a-z0-9+.*-]{0,9}$/);
    const kind = fc.constantFrom("release n=", "version ", "origin ");
    const priority = fc.integer({ min: -32_767, max: 32_767 }).filter((number) => number !== 0);
    const pin = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), kind, word, priority)
      .map(
        ([names, how, what, number]) =>
          `Package: ${names.join(" ")}\nPin: ${how}${what}\nPin-Priority: ${number}\n`,
      );
    fc.assert(
      fc.property(fc.array(pin), (pins) => {
        const text = pins.join("\n");
        expect(readPreferences(text, "pins")).toBe(text);
        expect(readPreferences(`# more\n${text}`, "pins")).toBe(text);
      }),
    );
  });

  test.each([
    [
      "Package: x\nPin: relase n=a\nPin-Priority: 1\n",
      "pins:1: a Pin begins with version, release or origin",
    ],
    ["Package: x\nPin: release n=a\nPin-Priority: high\n", "pins:1: a Pin-Priority is a whole number"],
    ["Package: x\nPin: release n=a\nPin-Priority: 0\n", "pins:1: a Pin-Priority is a whole number"],
    ["\nPin: release n=a\nPin-Priority: 1\n", "pins:2: a pin must say for which Package it is"],
    ["Package: x\nPin: release n=a\nPin-Prio: 1\n", "pins:1: a pin has no field Pin-Prio"],
    ["just words\n", "pins, line 1"],
  ])("refuses %j", (text, message) => {
    expect(() => readPreferences(text, "pins")).toThrow(
      expect.objectContaining({
        fault: "usage",
        code: "bad-preferences",
        message: expect.stringContaining(message),
      }),
    );
  });
});
