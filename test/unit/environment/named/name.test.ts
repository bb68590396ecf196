import { assert, option, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkName,
  checkSnapshotName,
  formatName,
  nameInReference,
  namedReference,
  parseEnvironmentName,
} from "../../../../src/environment/named/name.ts";
import { parseReference } from "../../../../src/oci/reference.ts";

describe("names of environments", () => {
  test.each(["dev", "dev@before", "a.b-c_d@1.0", "0"])("%s is read, and written as it was", (text) => {
    expect(formatName(parseEnvironmentName(text))).toBe(text);
  });

  test.each([
    "",
    "Dev",
    "-dev",
    "dev-",
    "a..b",
    "a/b",
    "a:b",
    "dev@",
    "dev@a@b",
    "dev@latest",
    "../x",
    "a b",
    "a\n",
    "x".repeat(65),
  ])("%j is refused", (text) => {
    expect(() => parseEnvironmentName(text)).toThrow(
      expect.objectContaining({ fault: "usage", code: "bad-environment-name" }),
    );
  });

  test("of snapshots are no names of environments", () => {
    expect(() => checkName("dev@before")).toThrow(expect.objectContaining({ code: "bad-environment-name" }));
    expect(() => checkSnapshotName("latest")).toThrow(
      expect.objectContaining({ code: "bad-environment-name" }),
    );
  });

  test("whatever is taken makes a reference that podman and docker take, and comes back from it", () => {
    assert(
      property(string({ maxLength: 80 }), option(string({ maxLength: 140 })), (name, snapshot) => {
        const text = snapshot === null ? name : `${name}@${snapshot}`;
        let at;
        try {
          at = parseEnvironmentName(text);
        } catch {
          return;
        }
        const reference = namedReference(at);
        expect(parseReference(reference)).toMatchObject({
          registry: "localhost",
          tag: at.snapshot ?? "latest",
        });
        expect(nameInReference(reference)).toEqual(at);
      }),
    );
  });

  test("are not found in references of other images", () => {
    for (const reference of [
      "localhost/debkiln/base:latest",
      "localhost/debkiln/named/dev@sha256:0",
      "localhost/debkiln/named/a/b:latest",
      "localhost/debkiln/named/Dev:latest",
    ])
      expect(nameInReference(reference)).toBeNull();
  });
});
