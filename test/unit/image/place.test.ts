import { describe, expect, test } from "vitest";
import { parseLayoutPlace, parsePlace } from "../../../src/image/place.ts";
import { formatReference } from "../../../src/oci/reference.ts";

describe("a place", () => {
  test.each([
    ["server", "registry", "docker.io/library/server:latest"],
    ["localhost:5000/a", "registry", "localhost:5000/a:latest"],
    ["docker://registry.example/a:t", "registry", "registry.example/a:t"],
    ["containers-storage:localhost/a", "engine", "localhost/a:latest"],
    ["docker-daemon:a:t", "engine", "docker.io/library/a:t"],
    ["docker-archive:/tmp/x.tar:a:t", "docker-archive", "docker.io/library/a:t"],
  ])("%s is a %s", (text, kind, reference) => {
    const place = parsePlace(text);

    expect(place.kind).toBe(kind);
    expect("reference" in place ? formatReference(place.reference) : null).toBe(reference);
  });

  test.each([
    ["oci:dir", { kind: "layout", directory: "dir", name: null }],
    ["oci:/a/b:name:1", { kind: "layout", directory: "/a/b", name: "name:1" }],
    ["oci-archive:x.tar", { kind: "oci-archive", file: "x.tar", name: null }],
    ["oci-archive:x.tar:a/b:t", { kind: "oci-archive", file: "x.tar", name: "a/b:t" }],
  ])("%s is on this machine", (text, place) => {
    expect(parsePlace(text)).toEqual(place);
  });

  test.each(["", "./x", "/x", "docker:a", "oci:", "oci-archive:", "docker-archive:x.tar", "dir:x:y:z"])(
    "%j is refused",
    (text) => {
      expect(() => parsePlace(text)).toThrow(
        expect.objectContaining({ fault: "usage", code: expect.stringMatching(/^bad-(?:place|reference)$/) }),
      );
    },
  );

  test("of a layout needs no word before it", () => {
    expect(["oci:a:b", "a:b", "./a"].map((text) => parseLayoutPlace(text))).toEqual([
      { kind: "layout", directory: "a", name: "b" },
      { kind: "layout", directory: "a", name: "b" },
      { kind: "layout", directory: "./a", name: null },
    ]);
  });
});
