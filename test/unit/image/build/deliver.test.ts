import { expect, test } from "vitest";
import { requireFitting } from "../../../../src/image/build/deliver.ts";
import { parsePlace } from "../../../../src/image/place.ts";

const both = ["amd64", "arm64"];

test.each(["oci:a.oci", "oci-archive:a.tar", "containers-storage:localhost/a"])(
  "%s takes an image for several architectures",
  (place) => {
    expect(() => requireFitting([parsePlace(place)], both, "amd64")).not.toThrow();
  },
);

test("a docker archive takes one architecture", () => {
  const places = [parsePlace("oci:a.oci"), parsePlace("docker-archive:a.tar:a")];

  expect(() => requireFitting(places, both, "amd64")).toThrow(
    "docker-archive:a.tar would hold an image of one architecture, and this one is for amd64, arm64",
  );
  expect(() => requireFitting(places, ["arm64"], "amd64")).not.toThrow();
});

test("an engine takes its own of several, or any one", () => {
  const places = [parsePlace("containers-storage:localhost/a")];

  expect(() => requireFitting(places, ["arm64", "riscv64"], "amd64")).toThrow(
    "The engine's storage takes one architecture of an image for several, its own amd64",
  );
  expect(() => requireFitting(places, ["arm64"], "amd64")).not.toThrow();
});
