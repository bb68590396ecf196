import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseBinfmtHandler } from "../../../src/base/binfmt.ts";
import { defaultUlimits, readDefaultUlimits } from "../../../src/doctor/facts/containers-conf.ts";
import { hardLimit, mayRaiseLimits } from "../../../src/doctor/facts/limits.ts";
import { mountOf, parseMountinfo } from "../../../src/doctor/facts/mounts.ts";
import { readStorage } from "../../../src/doctor/facts/storage.ts";
import { parseSubordinate } from "../../../src/doctor/facts/subordinate.ts";
import { temporaryDirectory } from "./temporary.ts";

describe("mountinfo", () => {
  test("gives points with their escapes undone, types and sharing", () => {
    const mounts = parseMountinfo(
      String.raw`27 1 254:0 / / rw shared:16 - ext4 /dev/vda rw
28 27 0:30 / /mnt/my\040disk rw - overlay overlay rw
`,
    );

    expect(mounts).toEqual([
      { point: "/", type: "ext4", shared: true },
      { point: "/mnt/my disk", type: "overlay", shared: false },
    ]);
  });

  test("a path lies on its deepest mount, whole names only", () => {
    const mounts = parseMountinfo("1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / /home rw - nfs4 b rw\n");

    expect(mountOf("/home/anna", mounts)?.type).toBe("nfs4");
    expect(mountOf("/homes", mounts)?.type).toBe("ext4");
    expect(mountOf("/home", [])).toBeNull();
  });
});

describe("limits", () => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             unlimited            unlimited            processes
Max open files            1024                 20000                files
`;

  test("hard ones are read, unlimited is null", () => {
    expect(hardLimit(limits, "Max open files")).toBe(20_000);
    expect(hardLimit(limits, "Max processes")).toBeNull();
  });

  test.each([
    ["000001ffffffffff", true],
    ["000001fffeffffff", false],
  ])("bounding set %s: CAP_SYS_RESOURCE %s", (set, expected) => {
    expect(mayRaiseLimits(`CapPrm:\t0\nCapBnd:\t${set}\n`)).toBe(expected);
  });
});

test("a binfmt handler's state, interpreter and flags are read", () => {
  const text = "disabled\ninterpreter /usr/bin/qemu-arm\nflags: POCF\noffset 0\nmagic 7f454c46\n";

  expect(parseBinfmtHandler(text)).toEqual({
    enabled: false,
    interpreter: "/usr/bin/qemu-arm",
    flags: "POCF",
  });
});

test("subordinate ranges are read, comments and broken lines are not", () => {
  expect(parseSubordinate("# x:1:2\nanna:100000:65536\nbroken:1\n1000:7:8")).toEqual([
    { owner: "anna", start: 100_000, count: 65_536 },
    { owner: "1000", start: 7, count: 8 },
  ]);
});

describe("containers.conf", () => {
  test.each([
    ['[containers]\ndefault_ulimits = ["nofile=1:2"]', ["nofile=1:2"]],
    ["[engine]\n", null],
    ["not toml", null],
  ])("%j", (text, expected) => {
    expect(defaultUlimits(text)).toEqual(expected);
  });

  test("the last file of the user's own folder wins", async () => {
    const config = temporaryDirectory();
    mkdirSync(join(config, "containers/containers.conf.d"), { recursive: true });
    writeFileSync(
      join(config, "containers/containers.conf"),
      '[containers]\ndefault_ulimits = ["nofile=1:1"]',
    );
    writeFileSync(
      join(config, "containers/containers.conf.d/10.conf"),
      '[containers]\ndefault_ulimits = ["nofile=2:2"]',
    );
    const anna = { name: "anna", uid: 1000, home: "/nowhere" };

    expect(await readDefaultUlimits(anna, { XDG_CONFIG_HOME: config })).toEqual(["nofile=2:2"]);
  });
});

describe("storage", () => {
  const anna = { name: "anna", uid: 1000, home: "/nowhere" };

  test("the user's own file and the store that is there are read", async () => {
    const home = temporaryDirectory();
    const file = join(home, "containers/storage.conf");
    mkdirSync(join(home, "containers/storage/vfs-layers"), { recursive: true });
    writeFileSync(file, '[storage]\ndriver = "overlay"\n[storage.options.overlay]\nmount_program = "/f"\n');

    const storage = await readStorage(anna, { XDG_CONFIG_HOME: home, XDG_DATA_HOME: home });

    expect(storage).toEqual({
      driver: "overlay",
      mountProgram: "/f",
      file,
      ownFile: file,
      graphRoot: join(home, "containers/storage"),
      existing: { driver: "vfs", empty: true },
    });
  });

  test("a store with an image is not empty", async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, "containers/storage/vfs-layers"), { recursive: true });
    mkdirSync(join(home, "containers/storage/vfs-images"));
    writeFileSync(join(home, "containers/storage/vfs-images/images.json"), '[{"id":"1"}]');

    const storage = await readStorage(anna, { XDG_DATA_HOME: home });

    expect(storage.existing).toEqual({ driver: "vfs", empty: false });
  });
});
