import { expect, test } from "vitest";
import { createFailure } from "../../../src/engine/create-failure.ts";

const mounts = [{ source: "/srv/data", path: "/mnt/data", writable: false }];

test.for([
  // podman 4.3 and 5, which make what they cannot see
  ["making volume mountpoint for volume /srv/data: mkdir /srv/data: permission denied", "mount-denied"],
  ["statfs /srv/data: permission denied", "mount-denied"],
  ["statfs /srv/data: no such file or directory", "mount-missing"],
  // docker 20.10
  ['invalid mount config for type "bind": bind source path does not exist: /srv/data', "mount-missing"],
  ['error gathering device information while adding custom device "/dev/x": no such file', "mount-missing"],
])("what an engine says of a mount, %j, is %s", ([words, code]) => {
  const failure = createFailure(new Error(words), "create container x", { mounts, devices: ["/dev/x"] });

  expect(failure).toMatchObject({ fault: "usage", code });
  expect(failure.message).toMatch(/\/srv\/data|\/dev\/x/);
  expect(failure.details["engine"]).toContain(words);
});

test.for(["/srv/data", "/", "/var/lib"])(
  "what it says of something else than %s stays what it is",
  (source) => {
    const words = "mkdir /var/lib/containers/srv/data: permission denied";
    const mount = { source, path: "/mnt/data", writable: false };

    expect(createFailure(new Error(words), "create container x", { mounts: [mount] })).toMatchObject({
      fault: "infrastructure",
      code: "container-start-failed",
    });
  },
);

test("what is wrong with a container of a runtime that was asked for is put to that", () => {
  const words = "setting up network: cannot run with network enabled in root network namespace";

  const failure = createFailure(new Error(words), "start container x", { runtime: "runsc" });

  expect(failure).toMatchObject({ code: "container-start-failed", details: { runtime: "runsc" } });
  expect(failure.message).toContain(words);
  expect(failure.hint).toContain("runsc");
});
