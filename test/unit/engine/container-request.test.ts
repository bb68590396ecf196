import * as fc from "fast-check";
import { expect, test } from "vitest";
import { containerRequest } from "../../../src/engine/container-request.ts";

const always = fc.record({
  image: fc.string(),
  name: fc.string(),
  labels: fc.dictionary(fc.string(), fc.string()),
  network: fc.constantFrom("none" as const, "host" as const),
  hostname: fc.string(),
  environment: fc.dictionary(fc.string(), fc.string()),
  volumes: fc.array(fc.string()),
  capabilities: fc.constant(["CHOWN", "SETUID"]),
  limits: fc.record({ memoryBytes: fc.nat(), cpus: fc.nat(), pids: fc.nat() }, { requiredKeys: [] }),
  architecture: fc.constant("amd64"),
});
const sometimes = fc.record(
  {
    shmBytes: fc.nat(),
    runtime: fc.string(),
    tmpfs: fc.array(fc.record({ path: fc.string(), sizeBytes: fc.option(fc.nat()) })),
    mounts: fc.array(fc.record({ source: fc.string(), path: fc.string(), writable: fc.boolean() })),
    devices: fc.array(fc.string()),
  },
  { requiredKeys: [] },
);
const abilities = fc.record({
  kind: fc.constantFrom("podman" as const, "docker" as const),
  limitsAllowed: fc.boolean(),
});

test("no container gets a path or a device of the machine's but those that are wanted, nor a namespace or a privilege", () => {
  fc.assert(
    fc.property(always, sometimes, abilities, (needed, more, able) => {
      const wanted = { ...needed, ...more };
      const { HostConfig: host = {} } = containerRequest(wanted, able);

      const { NetworkMode, SecurityOpt, CapDrop, CapAdd, Mounts = [], Tmpfs, Devices = [], ...bounds } = host;
      expect(NetworkMode).toBe(wanted.network);
      // Neither seccomp nor SELinux labels are turned off.
      expect(SecurityOpt).toEqual(["no-new-privileges"]);
      expect(CapDrop).toEqual(["ALL"]);
      expect(CapAdd).toEqual(wanted.capabilities);
      for (const options of Object.values(Tmpfs ?? {})) expect(options).toMatch(/,nosuid,nodev,/);
      const binds = Mounts.filter((mount) => mount.Source !== "" || mount.Type !== "volume");
      expect(binds.map(({ Type, Source, Target, ReadOnly }) => ({ Type, Source, Target, ReadOnly }))).toEqual(
        (wanted.mounts ?? []).map(({ source, path, writable }) => ({
          Type: "bind",
          Source: source,
          Target: path,
          ReadOnly: !writable,
        })),
      );
      expect(Devices).toEqual(
        (wanted.devices ?? []).map((path) => ({
          PathOnHost: path,
          PathInContainer: path,
          CgroupPermissions: "rw",
        })),
      );
      for (const key of Object.keys(bounds))
        expect([
          "AutoRemove",
          "Runtime",
          "ShmSize",
          "Memory",
          "MemorySwap",
          "NanoCpus",
          "PidsLimit",
        ]).toContain(key);
    }),
  );
});
