import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import type { Repository } from "../../../src/debian/repository.ts";
import {
  type ResolutionInputs,
  recallResolution,
  rememberResolution,
  resolutionKey,
} from "../../../src/environment/resolve.ts";
import { Target } from "../../../src/environment/target.ts";
import { Store } from "../../../src/store/store.ts";
import { emptyLock as lock } from "./empty-lock.ts";

const inputs: ResolutionInputs = {
  from: digestOf("image"),
  target: Target.parse({ suite: "trixie", architecture: "amd64" }),
  archive: { main: null, extra: [], key: null },
  request: { depends: "debhelper-compat (= 13)", conflicts: "" },
  repositories: [],
  releases: [],
};

const release = { uri: "https://mirror.example/debian/dists/trixie", digest: digestOf("InRelease") };
const repository: Repository = {
  types: ["deb"],
  uris: ["https://mirror.example/debian"],
  suites: ["trixie"],
  components: ["main"],
  signedBy: null,
  enabled: true,
};

describe("the key of a resolution", () => {
  test.each<[string, Partial<ResolutionInputs>]>([
    ["the image that it is resolved in", { from: digestOf("another image") }],
    ["what is wanted", { request: { depends: "debhelper", conflicts: "" } }],
    ["what aspcud prefers", { request: { ...inputs.request, solver: "aspcud", criteria: "-new" } }],
    ["the state of the archive", { releases: [release] }],
    ["the base's repositories", { repositories: [repository] }],
    ["further repositories", { archive: { ...inputs.archive, extra: [repository] } }],
    [
      "a suite that packages are only taken from at need",
      { target: Target.parse({ suite: "experimental", architecture: "amd64" }) },
    ],
    ["who chooses", { request: { ...inputs.request, solver: "internal" } }],
    [
      "how apt is told to choose",
      { archive: { ...inputs.archive, apt: { preferences: "Package: *\n", options: [] } } },
    ],
  ])("changes with %s", (_, changed) => {
    expect(resolutionKey({ ...inputs, ...changed })).not.toBe(resolutionKey(inputs));
  });

  test("is the same whoever would explain a failure", () => {
    const explained = { ...inputs, request: { ...inputs.request, explainer: "dose3" as const } };

    expect(resolutionKey(explained)).toBe(resolutionKey(inputs));
  });
});

test("a resolution is found again until its lock is gone", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-resolve-"));
  const store = new Store(directory.path);
  const key = resolutionKey(inputs);

  const { digest } = await rememberResolution({ store }, key, lock);

  expect(await recallResolution({ store }, key)).toEqual({ lock, digest, core: null, outcome: "hit" });
  await store.removeBlob(digest);
  expect(await recallResolution({ store }, key)).toBeNull();
});
