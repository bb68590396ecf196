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
  { shmBytes: fc.nat(), tmpfs: fc.record({ path: fc.string(), bytes: fc.nat() }) },
  { requiredKeys: [] },
);
const abilities = fc.record({
  kind: fc.constantFrom("podman" as const, "docker" as const),
  limitsAllowed: fc.boolean(),
});

test("whatever is wanted, no container gets a path, a device, a namespace or a privilege of the machine's", () => {
  fc.assert(
    fc.property(always, sometimes, abilities, (needed, more, able) => {
      const wanted = { ...needed, ...more };
      const { HostConfig: host = {} } = containerRequest(wanted, able);

      const { NetworkMode, SecurityOpt, CapDrop, CapAdd, Mounts, Tmpfs, ...bounds } = host;
      expect(NetworkMode).toBe(wanted.network);
      // Neither seccomp nor SELinux labels are turned off.
      expect(SecurityOpt).toEqual(["no-new-privileges"]);
      expect(CapDrop).toEqual(["ALL"]);
      expect(CapAdd).toEqual(wanted.capabilities);
      for (const options of Object.values(Tmpfs ?? {})) expect(options).toMatch(/,nosuid,nodev,/);
      for (const mount of Mounts ?? []) expect(mount).toMatchObject({ Type: "volume", Source: "" });
      for (const key of Object.keys(bounds))
        expect(["ShmSize", "Memory", "MemorySwap", "NanoCpus", "PidsLimit"]).toContain(key);
    }),
  );
});
