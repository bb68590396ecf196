import { describe, expect, test } from "vitest";
import { connect, describeEngines } from "../../engine/engines.ts";
import { openPlace, refusalOf, refused } from "../bad-input/place.ts";
import { readRecords } from "../kiln.ts";
import { buildWith } from "./build-with.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

describe("a build that takes too much is ended:", () => {
  test("of processes", async () => {
    const name = "bad-forks";
    const { ended, failed } = await buildWith(
      place,
      name,
      [`i=0; while [ $$i -lt 400 ]; do sleep 60 & i=$$((i+1)); done`],
      ["--pids", "100", "--timeout", "60s"],
    );

    // Whose fault it is depends on whether the kernel counts: rootless engines on cgroup v1 have no such counter.
    const { result } = await readRecords(failed);
    const counted = result.failure?.code === "process-limit";
    const says = counted
      ? /could not start more processes \(the limit is 100\)/
      : /failed with exit code \d+$/;
    expect(refusalOf(ended)).toEqual(refused({ exitCode: counted ? 5 : 3, says, hint: /--pids/ }));
  });

  test("of processes only when the kernel says so, whatever the build makes of it", async () => {
    const { ended } = await buildWith(place, "bad-count", [
      "(echo 'max 5' > /sys/fs/cgroup/pids.events) || true; echo 'sh: Cannot fork'; exit 1",
    ]);

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 3, says: /^dpkg-buildpackage failed with exit code 2$/, hint: /if that is so/ }),
    );
  });

  test("of disk", async () => {
    const { ended } = await buildWith(
      place,
      "bad-disk",
      ["head -c 300M /dev/zero > big; sleep 60"],
      ["--disk", "100M", "--timeout", "60s"],
    );

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /^The build used more than 105 MB of disk$/, hint: /--disk/ }),
    );
  });
});

describeEngines("a build that wants more memory than it may have", (engine) => {
  test("is ended, where the engine can limit memory", async ({ skip }) => {
    await using connected = await connect(engine);
    const { limits } = await connected.about();
    skip(!limits, "this engine cannot set limits");
    await using own = await openPlace(engine);

    const { ended } = await buildWith(
      own,
      "bad-memory",
      ["head -c 500M /dev/zero | tail -c 400M > /dev/null"],
      ["--memory", "128M"],
    );

    expect(refusalOf(ended)).toEqual(
      refused({ exitCode: 5, says: /^The build ran out of memory and was killed$/, hint: /--memory/ }),
    );
  });
});

test("a log of thirty megabytes in one line and two million others is kept whole", async () => {
  const { ended, failed } = await buildWith(place, "bad-log", [
    "yes | head -c 4M; head -c 26M /dev/zero | tr '\\\\0' x; exit 1",
  ]);

  expect(refusalOf(ended)).toMatchObject({ exitCode: 3, stack: false, containers: [] });
  expect(ended.stderr.length).toBeLessThan(1_000_000);
  expect((await readRecords(failed)).log.length).toBeGreaterThan(30_000_000);
});
