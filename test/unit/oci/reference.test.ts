import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatReference, parseReference, withDefaultTag } from "../../../src/oci/reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}` as const;

describe("a reference", () => {
  test.each([
    ["debian", "docker.io/library/debian"],
    ["debian:trixie", "docker.io/library/debian:trixie"],
    ["user/image:1", "docker.io/user/image:1"],
    ["index.docker.io/user/image", "docker.io/user/image"],
    ["localhost/image", "localhost/image"],
    ["localhost:5000/a/b:t", "localhost:5000/a/b:t"],
    ["127.0.0.1:5000/image", "127.0.0.1:5000/image"],
    ["[::1]:5000/image:x", "[::1]:5000/image:x"],
    ["Registry/image", "Registry/image"],
    [`registry.example/a__b/c-d.e@${digest}`, `registry.example/a__b/c-d.e@${digest}`],
    [`registry.example/a:t@${digest}`, `registry.example/a:t@${digest}`],
  ])("%s is %s", (text, whole) => {
    expect(formatReference(parseReference(text))).toBe(whole);
  });

  test.each([
    "",
    "/",
    "registry.example:",
    "registry.example/",
    "registry.example//a",
    "registry.example/A",
    "registry.example/a:",
    "registry.example/a:-t",
    "registry.example/a:t:u",
    `registry.example/a:${"x".repeat(129)}`,
    "registry.example/a@sha256:abc",
    `registry.example/a@${digest}@${digest}`,
    "registry.example/a@md5:d41d8cd98f00b204e9800998ecf8427e",
    "https://registry.example/a",
    "registry.example/a b",
    "registry.example/a\n",
    "registry.example/../a",
    "-registry.example/a",
    `registry.example/${"a".repeat(256)}`,
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ fault: "usage", code: "bad-reference" }),
    );
  });

  test("says what is wrong with capitals", () => {
    expect(() => parseReference("registry.example/Me/Image")).toThrow(
      expect.objectContaining({ hint: "Repositories are in lower case: me/image." }),
    );
  });

  test("shows no control characters when it is refused", () => {
    expect(() => parseReference("a\u001b[31mb")).toThrow(/^"ab" is not/);
  });

  test("of any text is refused or keeps its meaning when written out", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const texts = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom("", "localhost/", "registry.example:5000/", "[::1]/"),
          fc.array(part, { minLength: 1, maxLength: 3 }),
          fc.constantFrom("", ":v1"),
          fc.constantFrom("", `@${digest}`),
        )
        .map(([registry, parts, tag, end]) => registry + parts.join("/") + tag + end),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = accepted(text);
        if (parsed === null) return;
        expect(parseReference(formatReference(parsed))).toEqual(parsed);
      }),
    );
  });

  test("gets the tag latest only when it has nothing", () => {
    expect(["a", "a:b", `a@${digest}`].map((text) => withDefaultTag(parseReference(text)).tag)).toEqual([
      "latest",
      "b",
      null,
    ]);
  });
});

function accepted(text: string) {
  try {
    return parseReference(text);
  } catch {
    return null;
  }
}
