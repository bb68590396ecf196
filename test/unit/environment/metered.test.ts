import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resourcesIn } from "../../../src/environment/metered.ts";

const id = "1aa0462d60498e48d4a6b3d861758fd8fb4f311acb8fe7a0609a27c81754d72b";

const v1 = (peak: number, nanoseconds: number, written: number, group = `/docker/${id}`) => `
group 10:hugetlb:${group}
group 4:memory:${group}
group 2:cpu,cpuacct:${group}
peak ${peak}
cpu nr_periods 0
nanoseconds ${nanoseconds}
io rchar: 4148
io read_bytes: 8192
io write_bytes: ${written}
io cancelled_write_bytes: 4096
0m0.000000s 0m0.010000s
0m${nanoseconds / 2e9}s 0m${nanoseconds / 2e9}s
`;

const v2 = (peak: number, microseconds: number, written: number) => `
group 0::/
unified
peak ${peak}
cpu usage_usec ${microseconds}
cpu user_usec 12
io read_bytes: 8192
io write_bytes: ${written}
io cancelled_write_bytes: 0
0m0.000000s 0m0.010000s
0m0.000000s 0m0.010000s
`;

test("readings on cgroup v1 give what rose between them", () => {
  const text = `begin${v1(2_000_000, 1e9, 4096)}end${v1(123_000_000, 4_500_000_000, 45_056)}disk 12\t/build\n`;

  expect(resourcesIn(text, id)).toEqual({
    cpuSeconds: 3.5,
    peakMemoryBytes: 123_000_000,
    readBytes: 0,
    writtenBytes: 40_960,
    diskBytes: 12_288,
    unknown: {},
  });
});

test("readings on cgroup v2 give the same", () => {
  const text = `begin${v2(2_000_000, 1e6, 0)}end${v2(123_000_000, 4_500_000, 40_960)}`;

  expect(resourcesIn(text, id)).toEqual({
    cpuSeconds: 3.5,
    peakMemoryBytes: 123_000_000,
    readBytes: 0,
    writtenBytes: 40_960,
    unknown: { diskBytes: "not measured in this phase" },
  });
});

test("a cgroup that is not the container's own counts for nothing: processors are those of the processes", () => {
  const group = "/process_api/2f79";

  const found = resourcesIn(`begin${v1(65e6, 0, 4096, group)}end${v1(99e6, 6e9, 4096, group)}`, id);

  expect(found).toMatchObject({
    cpuSeconds: 6,
    unknown: { peakMemoryBytes: expect.stringMatching(/cgroup/) },
  });
  expect(found).not.toHaveProperty("peakMemoryBytes");
});

test("a peak that did not rise is an earlier phase's", () => {
  const found = resourcesIn(`begin${v2(9000, 0, 0)}end${v2(9000, 5, 0)}`, id);

  expect(found?.unknown.peakMemoryBytes).toBe("no more than the 9000 bytes that the container had before");
});

test("what the kernel does not count is not zero", () => {
  const bare = "\ngroup 0::/\nunified\n0m0.0s 0m0.0s\n0m0.0s 0m0.0s\n";

  const found = resourcesIn(`begin${bare}end${bare}`, id);

  expect(found).toMatchObject({ cpuSeconds: 0 });
  expect(Object.keys(found?.unknown ?? {}).toSorted()).toEqual([
    "diskBytes",
    "peakMemoryBytes",
    "readBytes",
    "writtenBytes",
  ]);
});

test.each([
  ["nothing", ""],
  ["no end", `begin${v2(1, 1, 1)}`],
  ["two beginnings", `begin${v2(1, 1, 1)}begin${v2(1, 1, 1)}end${v2(2, 2, 2)}`],
  ["two ends", `begin${v2(1, 1, 1)}end${v2(2, 2, 2)}end${v2(3, 3, 3)}`],
  ["something before", `hello\nbegin${v2(1, 1, 1)}end${v2(2, 2, 2)}`],
])("of readings with %s nothing is believed", (_, text) => {
  expect(resourcesIn(text, id)).toBeNull();
});

test("whatever a package writes there, measures are numbers that are possible", () => {
  const words = [
    "begin\n",
    "end\n",
    "peak 99999999999999999999\n",
    "io read_bytes: -1\n",
    "unified\n",
    "disk 1\t\n",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string())), (parts) => {
      const found = resourcesIn(parts.join(""), id);
      const { unknown: _, ...measures } = found ?? { unknown: {} };
      for (const value of Object.values(measures)) expect(value).toBeGreaterThanOrEqual(0);
    }),
  );
});
