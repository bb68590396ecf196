import { describe, expect, test } from "vitest";
import { keyOf } from "../../../src/base/digest.ts";
import type { KeptVolume } from "../../../src/environment/kept-volumes.ts";
import { planVolumeGarbage, planVolumeScrub } from "../../../src/environment/volume-garbage.ts";

const hour = 3_600_000;
const now = new Date("2026-11-21T12:00:00Z");

function volume(name: string, hours: number, target = "debian-trixie-amd64"): KeptVolume {
  const lastUsed = new Date(now.getTime() - hours * hour);
  return { kind: "ccache", key: keyOf(name), volume: name, name, target, created: lastUsed, lastUsed };
}

const volumes = [
  volume("new", 0.5),
  volume("jq", 3),
  volume("lua", 50),
  volume("sid", 9, "debian-sid-amd64"),
];

function names(removals: ReturnType<typeof planVolumeScrub>): string[] {
  return removals.map(({ garbage }) => ("volume" in garbage ? garbage.volume.volume : ""));
}

describe("compiler caches", () => {
  const none = { olderThanMs: null, keepLast: null, maxBytes: null, idleMs: hour };

  test("go by age, unless they were used just now", () => {
    expect(names(planVolumeGarbage(volumes, { ...none, olderThanMs: 4 * hour }, now))).toEqual([
      "lua",
      "sid",
    ]);
    expect(names(planVolumeGarbage(volumes, { ...none, olderThanMs: 0 }, now))).toEqual(["jq", "lua", "sid"]);
  });

  test("go by number, for each target", () => {
    expect(names(planVolumeGarbage(volumes, { ...none, keepLast: 2 }, now))).toEqual(["lua"]);
  });

  test("stay when only a size bounds what is kept", () => {
    expect(planVolumeGarbage(volumes, { ...none, maxBytes: 0 }, now)).toEqual([]);
  });

  test("are scrubbed when they are named, all or of a target", () => {
    expect(planVolumeScrub(volumes, { caches: ["environments"], target: null })).toEqual([]);
    expect(planVolumeScrub(volumes, { caches: ["compilers"], target: null })).toHaveLength(4);
    expect(names(planVolumeScrub(volumes, { caches: ["compilers"], target: "debian-sid-amd64" }))).toEqual([
      "sid",
    ]);
  });
});
