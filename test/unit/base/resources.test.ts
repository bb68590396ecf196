import { expect, test } from "vitest";
import { addResources } from "../../../src/base/resources.ts";

test("two commands took the sum of time and I/O, the higher peak and the last size on disk", () => {
  const first = {
    cpuSeconds: 1,
    peakMemoryBytes: 5,
    readBytes: 1,
    writtenBytes: 2,
    diskBytes: 7,
    unknown: {},
  };
  const second = {
    cpuSeconds: 2,
    readBytes: 3,
    writtenBytes: 4,
    diskBytes: 9,
    unknown: { peakMemoryBytes: "below" },
  };

  expect(addResources(first, second)).toEqual({
    cpuSeconds: 3,
    peakMemoryBytes: 5,
    readBytes: 4,
    writtenBytes: 6,
    diskBytes: 9,
    unknown: {},
  });
});

test("a sum of which one part is not known is not known", () => {
  const first = { cpuSeconds: 1, readBytes: 1, unknown: { writtenBytes: "not counted" } };
  const second = { cpuSeconds: 2, writtenBytes: 4, unknown: { readBytes: "not counted" } };

  expect(addResources(first, second)).toEqual({
    cpuSeconds: 3,
    unknown: { readBytes: "not counted", writtenBytes: "not counted" },
  });
});

test("a command that was not measured adds nothing", () => {
  const known = { cpuSeconds: 1, unknown: {} };

  expect(addResources(null, known)).toEqual(known);
  expect(addResources(known, null)).toEqual(known);
  expect(addResources(null, null)).toBeNull();
});
