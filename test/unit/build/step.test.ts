import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import type { Hook } from "../../../src/build/hook/hook.ts";
import type { NamedEnvironment } from "../../../src/environment/named/find.ts";
import { Target } from "../../../src/environment/target.ts";
import { type Step, commandOf } from "../../../src/build/step.ts";
import { emptyLock as lock } from "../environment/empty-lock.ts";

const build: Step = {
  phase: "build",
  title: "dpkg-buildpackage",
  argv: ["dpkg-buildpackage", "-b"],
  directory: "/build/tree",
};
const hook: Hook = {
  name: "remove",
  point: "setup",
  command: "apt-get remove -y debhelper",
  place: "container",
  user: "root",
  timeoutMs: 1000,
};

const named: NamedEnvironment = {
  at: { name: "dev", snapshot: null },
  image: {
    id: digestOf("image"),
    references: [],
    architecture: "amd64",
    labels: {},
    created: new Date(0),
    sizeBytes: 1,
    layers: 1,
  },
  record: {
    schemaVersion: 1,
    target: Target.parse({ suite: "trixie", architecture: "amd64" }),
    parent: null,
    changes: [],
    altered: false,
  },
  key: digestOf("environment"),
  lock: digestOf("lock"),
};

describe("the command of a step", () => {
  test("leaves the build dependencies unchecked where apt has just resolved them", () => {
    expect(commandOf(build, {})).toEqual(["dpkg-buildpackage", "--no-check-builddeps", "-b"]);
    expect(commandOf(build, { hooks: [] })).toEqual(["dpkg-buildpackage", "--no-check-builddeps", "-b"]);
  });

  test("has them checked where a lock or a hook may have made the environment another", () => {
    expect(commandOf(build, { hooks: [hook] })).toEqual(build.argv);
    expect(commandOf(build, { locked: { lock, basePackages: [] } })).toEqual(build.argv);
  });

  test("has them checked in a named environment, and leaves the last word to the user", () => {
    const asked = { ...build, argv: [...build.argv, "-D"] };

    expect(commandOf(build, { named })).toEqual(build.argv);
    expect(commandOf(asked, {})).toEqual(["dpkg-buildpackage", "--no-check-builddeps", "-b", "-D"]);
  });

  test("is the step's own where nothing is built", () => {
    const unpack: Step = { ...build, phase: "unpack", argv: ["dpkg-source", "-x", "a.dsc"] };

    expect(commandOf(unpack, {})).toEqual(unpack.argv);
  });
});
