import { expect, test } from "vitest";
import { coreSet } from "../../../src/environment/core-set.ts";
import type { LockedPackage } from "../../../src/environment/lock.ts";

function locked(name: string): LockedPackage {
  return {
    name,
    version: "1",
    architecture: "amd64",
    sha256: `sha256:${"0".repeat(64)}`,
    sizeBytes: 1,
    uri: "",
  };
}

const base = ["base-files", "apt"].map(locked);

test("the core has the base and all that something else needs, not the leaves", () => {
  const packages = [...base, ...["curl", "libcurl4t64", "openssh-server", "openssh-client"].map(locked)];
  const control = `Package: curl
Depends: libcurl4t64 (= 1), libc6

Package: openssh-server
Pre-Depends: init-system-helpers
Depends: openssh-client (= 1), debconf (>= 0.5) | debconf-2.0
`;

  expect(coreSet(base, packages, control).map(({ name }) => name)).toEqual([
    "base-files",
    "apt",
    "libcurl4t64",
    "openssh-client",
  ]);
});

test("who provides what is needed is of the core, and so is any alternative that is there", () => {
  const packages = [...base, ...["exim4", "mailx", "editor-b"].map(locked)];
  const control = `Package: exim4
Provides: mail-transport-agent

Package: mailx
Depends: default-mta | mail-transport-agent, editor-a | editor-b
`;

  expect(coreSet(base, packages, control).map(({ name }) => name)).toEqual([
    "base-files",
    "apt",
    "exim4",
    "editor-b",
  ]);
});

test("packages that need one another are of the core, and one that names only itself is a leaf", () => {
  const packages = [...base, ...["a", "b", "c"].map(locked)];
  const control = "Package: a\nDepends: b\n\nPackage: b\nDepends: a\n\nPackage: c\nProvides: d\nDepends: c\n";

  expect(coreSet(base, packages, control).map(({ name }) => name)).toEqual(["base-files", "apt", "a", "b"]);
});
