import { expect, test } from "vitest";
import { thisProcess } from "../../../src/base/process-identity.ts";
import { isOrphan } from "../../../src/environment/reap.ts";

const run = "0123456789ab";
const name = `debkiln-build-${run}-01234567`;
const dead = thisProcess().replace(/\d+$/, "1");

test.each([
  ["of a dead process is an orphan", name, run, dead, true],
  ["of a living process is none", name, run, thisProcess(), false],
  ["that was started from one of our images is none", "wonderful_tesla", run, dead, false],
  ["of another run is none", name, "ba9876543210", dead, false],
  ["with a label that is an odd pattern is none", name, "(", dead, false],
  ["with a label that is a wide pattern is none", name, ".*", dead, false],
  ["with an odd owner is none", name, run, "///", false],
])("a container %s", (_, containerName, label, owner, expected) => {
  const labels = { "debkiln.run": label, "debkiln.process": owner };

  expect(isOrphan({ name: containerName, labels })).toBe(expected);
});

test("a container without an owner is no orphan", () => {
  expect(isOrphan({ name, labels: { "debkiln.run": run } })).toBe(false);
});
