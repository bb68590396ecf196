import { describe, expect, test } from "vitest";
import { apiFailure } from "../../../src/engine/api-failure.ts";
import { oomKillsIn } from "../../../src/engine/oom-counter.ts";
import { carries, labelChange, labelFilter, splitReference } from "../../../src/engine/quirks.ts";

describe("labelChange", () => {
  test("writes a value in quotes", () => {
    expect(labelChange("org.example.key", "a b={c}")).toBe('LABEL org.example.key="a b={c}"');
  });

  test.for(['a"b', "a\\b", "a\nb", "$HOME"])("refuses %j, which the engines read differently", (value) => {
    expect(() => labelChange("key", value)).toThrow(expect.objectContaining({ code: "bad-label" }));
  });

  test("refuses a name with a space", () => {
    expect(() => labelChange("a b", "c")).toThrow(expect.objectContaining({ code: "bad-label" }));
  });
});

describe("splitReference", () => {
  test.for([
    ["localhost/name:tag", "localhost/name", "tag"],
    ["registry.example:5000/name", "registry.example:5000/name", "latest"],
    ["registry.example:5000/name:1", "registry.example:5000/name", "1"],
    ["name", "name", "latest"],
  ] as const)("splits %s", ([reference, name, tag]) => {
    expect(splitReference(reference)).toEqual([name, tag]);
  });
});

describe("labels", () => {
  test("an empty value wanted means any", () => {
    expect(carries({ a: "1", b: "2" }, { a: "1", b: "" })).toBe(true);
    expect(carries({ a: "1" }, { a: "2" })).toBe(false);
    expect(carries({}, { a: "" })).toBe(false);
  });

  test("the filter asks for one label, which podman can find", () => {
    expect(labelFilter({ a: "1", b: "2" })).toEqual({ label: ["a=1"] });
    expect(labelFilter({ a: "" })).toEqual({ label: ["a"] });
  });
});

describe("oomKillsIn", () => {
  test("reads cgroup v2's memory.events", () => {
    expect(oomKillsIn("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n")).toBe(2);
  });

  test("reads cgroup v1's memory.oom_control", () => {
    expect(oomKillsIn("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n")).toBe(4);
  });

  test("counts none where there is no such file", () => {
    expect(oomKillsIn("")).toBe(0);
  });
});

describe("apiFailure", () => {
  test.for([
    [404, "no such image: x: image not known", "image-missing"],
    [409, 'Conflict. The container name "/x" is already in use by container "y".', "container-exists"],
    [500, "creating container storage: the container name x is already in use", "container-exists"],
    [500, "write /var/lib/x: no space left on device", "disk-full"],
    [500, "crun: cgroups in hybrid mode not supported", "container-start-failed"],
    [500, "something else", "engine-failed"],
  ] as const)("makes of status %i and %j the failure %s", ([statusCode, text, code]) => {
    const thrown = Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${text} `), {
      statusCode,
    });

    const failure = apiFailure(thrown, "do it");

    expect(failure).toMatchObject({
      fault: "infrastructure",
      code,
      message: `The engine could not do it: ${text}`,
    });
    expect(failure.hint).toBeDefined();
  });

  test("says that the engine is lost when its socket is", () => {
    const thrown = Object.assign(new Error("connect ECONNREFUSED /run/x.sock"), { code: "ECONNREFUSED" });

    expect(apiFailure(thrown, "do it")).toMatchObject({ code: "engine-lost" });
  });
});
