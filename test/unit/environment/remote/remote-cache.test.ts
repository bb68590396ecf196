import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { environmentKey, type Lock } from "../../../../src/environment/lock.ts";
import { exportedLabels } from "../../../../src/environment/named/portable.ts";
import { baseIn } from "../../../../src/environment/remote/remote-base.ts";
import { contradiction } from "../../../../src/environment/remote/remote-environment.ts";
import type { ImageConfig } from "../../../../src/oci/image-spec.ts";
import { emptyLock } from "../empty-lock.ts";

const lock: Lock = {
  ...emptyLock,
  packages: [
    {
      name: "sl",
      version: "5.02-1",
      architecture: "amd64",
      sha256: digestOf("sl"),
      sizeBytes: 1,
      uri: "http://mirror.example/sl.deb",
    },
  ],
};
const labels = exportedLabels({}, lock);
const layers = [lock.base, digestOf("sl installed")];

function config(
  own: Readonly<Record<string, string>>,
  diffIds = layers,
  architecture = "amd64",
): ImageConfig {
  return {
    architecture,
    os: "linux",
    config: { Labels: own },
    rootfs: { type: "layers", diff_ids: diffIds },
  };
}

describe("an environment from elsewhere", () => {
  test("is what its labels, its lock and its bottom layer agree on, whatever mirror and indices its lock names", () => {
    const other = { ...lock, releases: [{ uri: "http://other.example/InRelease", digest: digestOf("x") }] };

    expect(contradiction(config(labels), lock)).toBeNull();
    expect(contradiction(config(exportedLabels({}, other)), lock)).toBeNull();
  });

  test.each([
    ["no labels", config({}), "its label names another key"],
    ["another's labels", config(exportedLabels({}, emptyLock)), "its label names another key"],
    [
      "another's lock under its key",
      config({ ...exportedLabels({}, emptyLock), "debkiln.key": environmentKey(lock) }),
      "its lock has other packages",
    ],
    [
      "a lock that cannot be read",
      config({ ...labels, "debkiln.lock-file": "%" }),
      "The image is no environment with a lock: what it carries cannot be read",
    ],
    ["another base", config(labels, [digestOf("other")]), "it stands on another base"],
    ["no layers", config(labels, []), "it stands on another base"],
    [
      "another architecture",
      config(labels, layers, "arm64"),
      "The image is no environment with a lock: its lock is for amd64, the image for arm64",
    ],
  ])("is none with %s", (_, its, why) => {
    expect(contradiction(its, lock)).toBe(why);
  });
});

describe("a base from elsewhere", () => {
  const key = digestOf("key");
  const own = { "debkiln.kind": "base", "debkiln.key": key };
  const amd64 = { architecture: "amd64" };

  test("is its one layer", () => {
    expect(baseIn(config(own, [lock.base]), key, amd64)).toEqual({ digest: lock.base });
  });

  test.each([
    ["another key's label", config({ ...own, "debkiln.key": digestOf("other") }, [lock.base])],
    ["another kind's label", config({ ...own, "debkiln.kind": "environment" }, [lock.base])],
    ["another architecture", config(own, [lock.base], "arm64")],
    ["more layers", config(own)],
    ["no layer", config(own, [])],
  ])("is none with %s", (_, its) => {
    expect(baseIn(its, key, amd64)).toHaveProperty("why");
  });
});
