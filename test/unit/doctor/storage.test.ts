import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goodHost, trouble } from "./facts-of-a-good-host.ts";
import { temporaryDirectory } from "./temporary.ts";

describe("storage", () => {
  const { storage } = goodHost();

  test("vfs for a user without a store is replaced in the user's own file, without root", () => {
    const finding = trouble(goodHost({ storage: { ...storage, driver: null, file: null } }));

    expect(finding).toMatchObject({ check: "storage-driver", status: "warning", fix: { needsRoot: false } });
    expect(finding.why).toContain("MANY TIMES SLOWER");
    expect(finding.fix?.commands).toEqual([
      "mkdir -p /home/anna/.config/containers",
      String.raw`printf '%s\n' '[storage]' 'driver = "overlay"' | tee /home/anna/.config/containers/storage.conf >/dev/null`,
    ]);
  });

  test("a store made with vfs is never thrown away unasked", () => {
    const finding = trouble(goodHost({ storage: { ...storage, existing: { driver: "vfs", empty: false } } }));

    expect(finding.fix?.commands).toEqual(["podman system reset --force"]);
    expect(finding.fix?.consent).toContain("DESTROYS");
  });

  test("an empty store made with vfs is made anew", () => {
    const finding = trouble(goodHost({ storage: { ...storage, existing: { driver: "vfs", empty: true } } }));

    expect(finding.fix).toEqual({ commands: ["podman system reset --force"], needsRoot: false });
  });

  test("fuse-overlayfs in the host's file is overruled in the user's", () => {
    const finding = trouble(goodHost({ storage: { ...storage, mountProgram: "/usr/bin/fuse-overlayfs" } }));

    expect(finding.message).toContain("fuse-overlayfs");
    expect(finding.fix?.commands.at(-1)).toContain("tee /home/anna/.config/containers/storage.conf");
  });

  test("the command that edits a file leaves it saying overlay, and keeps the rest", () => {
    const file = join(temporaryDirectory(), "storage.conf");
    writeFileSync(
      file,
      '# mine\n[storage]\n  driver = "vfs"\ngraphroot = "/srv/c"\n[storage.options.overlay]\nmount_program = "/usr/bin/fuse-overlayfs"\n',
    );
    const facts = goodHost({ storage: { ...storage, driver: "vfs", file, ownFile: file } });

    for (const command of trouble(facts).fix?.commands ?? []) execFileSync("sh", ["-c", command]);

    expect(readFileSync(file, "utf8")).toBe(
      '# mine\n[storage]\ndriver = "overlay"\ngraphroot = "/srv/c"\n[storage.options.overlay]\n',
    );
  });

  test.each([
    ["an old kernel", { kernel: [5, 4] as const }],
    ["a home on NFS", { mounts: [...goodHost().mounts, { point: "/home", type: "nfs4", shared: true }] }],
  ])("vfs is all there is on %s", (_, changes) => {
    const finding = trouble(goodHost({ ...changes, storage: { ...storage, driver: "vfs" } }));

    expect(finding.message).toContain("native overlay does not work here");
    expect(finding.fix).toBeUndefined();
  });

  test.each([
    [1e9, "error"],
    [5e9, "warning"],
  ])("%d bytes of room are a matter of %s", (availableBytes, status) => {
    const finding = trouble(goodHost({ disks: [{ path: "/home/anna", purpose: "images", availableBytes }] }));

    expect(finding).toMatchObject({ check: "disk-space", status });
    expect(finding.fix?.consent).toBeDefined();
  });
});
