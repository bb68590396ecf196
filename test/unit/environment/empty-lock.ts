import { digestOf } from "../../../src/base/digest.ts";
import type { Lock } from "../../../src/environment/lock.ts";

/** Of an environment that is its base and nothing more. */
export const emptyLock: Lock = {
  schemaVersion: 1,
  suite: "trixie",
  architecture: "amd64",
  base: digestOf("base"),
  packages: [],
  releases: [],
};
