import { expect, test } from "vitest";
import { planHooks } from "../../../src/cli/hooks.ts";

const none = { hooks: {} };

test("hooks of settings run in the order of their names, those of flags after them", () => {
  const hooks = {
    second: { point: "setup", command: "two" },
    first: { point: "post-build", command: "one", host: true, timeout: 5 },
  } as const;

  const planned = planHooks({ hooks }, { "host-hook": ["failed=four"], hook: ["setup=a=b three"] });

  expect(planned.map(({ name, command, place }) => [name, command, place])).toEqual([
    ["first", "one", "host"],
    ["second", "two", "container"],
    ["given-1", "a=b three", "container"],
    ["given-host-1", "four", "host"],
  ]);
  expect(planned.map(({ timeoutMs }) => timeoutMs)).toEqual([5, 600_000, 600_000, 600_000]);
});

test("a hook runs as whoever usually does at its point, or as it says", () => {
  const hooks = { mine: { point: "starting-build", command: "x", user: "root" } } as const;

  const planned = planHooks({ hooks }, { hook: ["setup=x", "finished-build=x"] });

  expect(planned.map(({ user }) => user)).toEqual(["root", "root", "builder"]);
});

test.each([
  ["setup", "--hook takes a point and a command", "the points are pre-build, setup"],
  ["setup= ", "--hook takes a point and a command", "the points are"],
  ["finsihed-build=x", 'there is no point "finsihed-build"', "Did you mean finished-build?"],
  ["chroot-setup-commands=x", 'there is no point "chroot-setup-commands"', "Did you mean setup?"],
  ["anything-failed=x", 'there is no point "anything-failed"', "Did you mean failed?"],
  ["%s=x", "there is no point", "The points are pre-build"],
  ["post-build=x", "there is no container at post-build", "Say --host-hook if"],
])("--hook %j is refused", (word, message, hint) => {
  expect(() => planHooks(none, { hook: [word] })).toThrow(
    expect.objectContaining({
      fault: "usage",
      code: "bad-hook",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    }),
  );
});

test("a setting must say that a hook is for the host, and cannot say as whom", () => {
  const inside = { mine: { point: "failed", command: "x" } } as const;
  const asRoot = { mine: { point: "failed", command: "x", host: true, user: "root" } } as const;

  expect(() => planHooks({ hooks: inside }, {})).toThrow("hooks.mine: there is no container at failed");
  expect(() => planHooks({ hooks: asRoot }, {})).toThrow("hooks.mine: on the host, a hook runs as you");
});
