import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  parseBindMount,
  parseDevice,
  parseFilePath,
  parseTmpfs,
  requireDistinct,
} from "../../../src/environment/provision-words.ts";
import {
  type Provisions,
  describeProvisions,
  isOpenEnded,
  recordProvisions,
  requireLocalProvisions,
  withoutFiles,
} from "../../../src/environment/provisions.ts";

const refused = expect.objectContaining({ fault: "usage", code: "bad-provision" });

describe("a bind mount", () => {
  test.each([
    ["/srv/data", { source: "/srv/data", path: "/srv/data", writable: false }],
    ["/srv/data:/mnt/x", { source: "/srv/data", path: "/mnt/x", writable: false }],
    ["/srv/data:/mnt/x:ro", { source: "/srv/data", path: "/mnt/x", writable: false }],
    ["/srv/data:/mnt/x:rw", { source: "/srv/data", path: "/mnt/x", writable: true }],
    ["/srv/data:rw", { source: "/srv/data", path: "/srv/data", writable: true }],
    ["/:/mnt/host", { source: "/", path: "/mnt/host", writable: false }],
    ["/usr:/mnt/usr", { source: "/usr", path: "/mnt/usr", writable: false }],
  ])("%s", (word, mount) => {
    expect(parseBindMount(word)).toEqual(mount);
  });

  test.each([
    "data",
    "./data:/mnt",
    "/srv/../etc:/mnt/x",
    "/srv/:/mnt/x",
    "/srv:/mnt/x:ro:rw",
    "/srv:/mnt/x:z",
    "/srv,ro=false:/mnt/x",
    '/srv":/mnt/x',
    "/srv\n:/mnt/x",
    "/srv:/",
    "/srv:/usr/lib/x",
    "/srv:/etc",
    "/srv:/var",
    "/srv:/var/lib/dpkg/info",
    "/srv:/build",
    "/srv:/build/reproducible-path/x",
    "/srv:/tmp",
    "/srv:/proc/sys",
    "/srv:/dev/shm",
    "",
  ])("cannot be %j", (word) => {
    expect(() => parseBindMount(word)).toThrow(refused);
  });
});

describe("a tmpfs", () => {
  test.each([
    ["/build", { path: "/build", sizeBytes: null }],
    ["/build:8G", { path: "/build", sizeBytes: 8 * 1024 ** 3 }],
    ["/var/tmp:1M", { path: "/var/tmp", sizeBytes: 1024 ** 2 }],
    ["/scratch", { path: "/scratch", sizeBytes: null }],
  ])("%s", (word, tmpfs) => {
    expect(parseTmpfs(word)).toEqual(tmpfs);
  });

  test.each(["/", "/usr", "/var", "/build/reproducible-path", "/run", "build", "/build:1G:x", "/build:0"])(
    "cannot be %s",
    (word) => {
      expect(() => parseTmpfs(word)).toThrow(refused);
    },
  );
});

test("devices are in /dev, and files are not where the kernel's and dpkg's are", () => {
  expect(parseDevice("/dev/fuse")).toBe("/dev/fuse");
  expect(parseDevice("/dev/bus/usb/001/002")).toBe("/dev/bus/usb/001/002");
  for (const word of ["fuse", "/etc/passwd", "/dev/../etc/passwd", "/dev/", "/dev"])
    expect(() => parseDevice(word)).toThrow(refused);
  expect(parseFilePath("/etc/extra.conf")).toBe("/etc/extra.conf");
  for (const word of ["x", "/", "/proc/x", "/var/lib/dpkg/status", "/etc/../x", "/etc/"])
    expect(() => parseFilePath(word)).toThrow(refused);
  expect(() => requireDistinct(["/a", "/b", "/a"])).toThrow(refused);
});

describe("provisions", () => {
  const none: Provisions = { mounts: [], tmpfs: [], devices: [], files: [] };
  const file = { path: "/etc/x", mode: 0o644, content: Buffer.from("x\n") };
  const mount = { source: "/srv", path: "/mnt/srv", writable: true };

  test("are recorded with the digests of files, whatever the order", () => {
    const other = { ...mount, path: "/mnt/a", writable: false };
    const one = recordProvisions({ ...none, mounts: [mount, other], files: [file] });

    expect(one).toEqual(recordProvisions({ ...none, mounts: [other, mount], files: [file] }));
    expect(one.files).toEqual([
      {
        path: "/etc/x",
        mode: 0o644,
        sha256: "sha256:73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac",
      },
    ]);
    expect(recordProvisions({ ...none, files: [{ ...file, content: Buffer.from("y") }] })).not.toEqual(
      recordProvisions({ ...none, files: [file] }),
    );
  });

  test("tell of what a build can reach of this machine first", () => {
    const all = { ...none, hostname: "kiln", files: [file], devices: ["/dev/fuse"], mounts: [mount] };

    expect(describeProvisions(all).map((line) => line.split(":")[0])).toEqual([
      "Host directory",
      "Host device",
      "File",
      "Host name",
    ]);
    expect(describeProvisions(all)[0]).toContain("WRITABLE");
  });

  test("are open-ended when they show what the host has", () => {
    expect(isOpenEnded(undefined)).toBe(false);
    expect(isOpenEnded({ ...none, files: [file], tmpfs: [{ path: "/build", sizeBytes: null }] })).toBe(false);
    expect(isOpenEnded({ ...none, mounts: [mount] })).toBe(true);
    expect(isOpenEnded({ ...none, devices: ["/dev/fuse"] })).toBe(true);
  });

  test("of this machine go to no engine elsewhere, and must be there", async () => {
    const here = { ...none, mounts: [{ ...mount, source: "/usr" }] };

    await requireLocalProvisions("unix:///run/podman/podman.sock", here);
    for (const endpoint of ["ssh://jane@build.mirror.example", "tcp://127.0.0.1:2375"])
      await expect(requireLocalProvisions(endpoint, here)).rejects.toMatchObject({ code: "mount-remote" });
    for (const missing of [
      { mounts: [{ ...mount, source: "/no/such/directory" }] },
      { devices: ["/dev/no-such"] },
      { devices: ["/dev/shm"] },
    ])
      await expect(requireLocalProvisions("unix:///x", { ...none, ...missing })).rejects.toMatchObject({
        code: "mount-missing",
      });
  });

  test("are refused when nobody can tell whether they are there", async () => {
    const directory = await mkdtemp(join(tmpdir(), "debkiln-test-"));
    const loop = join(directory, "loop");
    await symlink(loop, loop);
    const looking = requireLocalProvisions("unix:///x", { ...none, mounts: [{ ...mount, source: loop }] });

    await expect(looking).rejects.toMatchObject({ fault: "usage", code: "mount-denied" });
    await rm(directory, { recursive: true });
  });

  test("come without files into what is kept", () => {
    const all: Provisions = { ...none, hostname: "kiln", mounts: [mount], files: [file] };

    expect(withoutFiles(all)).toEqual({ ...all, files: [] });
    expect(withoutFiles(undefined)).toBeUndefined();
  });
});
