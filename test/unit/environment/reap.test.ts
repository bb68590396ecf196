import { expect, test } from "vitest";
import { thisProcess } from "../../../src/base/process-identity.ts";
import { stepReference } from "../../../src/environment/names.ts";
import { isOrphan, stepOrphans } from "../../../src/environment/reap.ts";

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

test("images between steps go when their process is dead, later ones first, and no others", () => {
  const image = (owner: string, ...references: readonly string[]) => ({
    references,
    labels: { "debkiln.run": run, "debkiln.process": owner },
  });
  const [from, to] = [stepReference(run, 8, "base"), stepReference(run, 8, "made")];
  const later = stepReference(run, 10, "base");
  const images = [
    image(dead, from),
    image(dead, to, "localhost/debkiln/step:kept", "localhost/mine:1"),
    image(dead, later),
    image(dead, `localhost/debkiln/environment:${"0".repeat(64)}`),
    image(dead, stepReference("ba9876543210", 0, "made")),
    image(thisProcess(), stepReference(run, 0, "made")),
    { references: [stepReference(run, 2, "made")], labels: {} },
  ];

  expect(stepOrphans(images)).toEqual([later, to, from]);
});
