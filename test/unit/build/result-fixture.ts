import { digestOf } from "../../../src/base/digest.ts";
import type { BuildResult } from "../../../src/build/result.ts";

/** What came of a build. */
export const result: BuildResult = {
  schema: 1,
  status: "successful",
  failure: null,
  source: { name: "sl", version: "5.02-1" },
  target: "debian-trixie-amd64",
  suite: "trixie",
  architectures: { build: "amd64", host: "amd64" },
  lock: digestOf("lock"),
  environment: digestOf("environment"),
  engine: { kind: "podman", version: "5.4.2", rootless: true, storageDriver: "overlay" },
  phases: [
    { name: "build", seconds: 4.2, resources: { cpuSeconds: 3.9, unknown: { readBytes: "not told" } } },
  ],
  ccache: {
    program: "ccache",
    project: "sl",
    trust: "trusted-local",
    hits: 3,
    misses: 1,
    uncacheable: 2,
  },
  artifacts: [],
  checks: [],
  hooks: [],
  plugins: [],
  started: "2026-11-21T02:03:04.000Z",
  finished: "2026-11-21T02:03:09.000Z",
  sourceDateEpoch: 1_700_000_000,
};
