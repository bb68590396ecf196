import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChallenges } from "../../../../src/oci/registry/challenge.ts";

describe("WWW-Authenticate", () => {
  test.each([
    ["", []],
    ["Basic", [{ scheme: "basic", parameters: {} }]],
    ['Basic realm="a registry"', [{ scheme: "basic", parameters: { realm: "a registry" } }]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          parameters: {
            realm: "https://auth.example/token",
            service: "registry.example",
            scope: "repository:a/b:pull,push",
          },
        },
      ],
    ],
    [
      'Negotiate, Basic realm="x" , BEARER Realm=y, error = "a \\"b\\" c"',
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: "x" } },
        { scheme: "bearer", parameters: { realm: "y", error: 'a "b" c' } },
      ],
    ],
    ['Bearer realm="first",realm="second"', [{ scheme: "bearer", parameters: { realm: "first" } }]],
    ['realm="nobody\'s"', []],
  ])("%j is read", (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  test("of any text is read as far as it goes", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(parseChallenges(header)).toBeInstanceOf(Array);
      }),
    );
  });

  test("gives back what was written", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const parameters = fc.dictionary(word, fc.stringMatching(/^[ -~]*$/), { maxKeys: 4 });
    fc.assert(
      fc.property(fc.array(fc.record({ scheme: word, parameters }), { maxLength: 3 }), (challenges) => {
        const header = challenges
          .map((each) => {
            const pairs = Object.entries(each.parameters).map(([name, value]) => `${name}=${quote(value)}`);
            return [each.scheme, pairs.join(", ")].join(" ").trim();
          })
          .join(", ");

        expect(parseChallenges(header)).toEqual(
          challenges.map((each) => ({ ...each, parameters: { ...each.parameters } })),
        );
      }),
    );
  });
});

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
