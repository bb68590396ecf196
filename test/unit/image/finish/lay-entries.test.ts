import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { layEntries } from "../../../../src/image/finish/lay-entries.ts";
import type { PlannedEntry } from "../../../../src/image/plan.ts";
import { directory, file, hardLink, symlink } from "../lint/root.ts";
import { apply, epoch, failureOf, targetOf, textOf } from "./finishing.ts";

const owner = { user: "root", group: "root", from: "customizations.files" } as const;

function added(path: string, text = "new", more: Partial<PlannedEntry> = {}): PlannedEntry {
  const bytes = Buffer.from(text);
  const content = { from: "bytes", bytes } as const;
  return {
    path,
    mode: 0o644,
    ...owner,
    ...more,
    type: "file",
    content,
    sizeBytes: bytes.length,
    digest: digestOf(bytes),
  };
}

const root = {
  lib: symlink("usr/lib"),
  "usr/lib/x": directory(),
  "usr/local": symlink("../var/usrlocal"),
  opt: symlink("var/opt"),
  home: symlink("var/home"),
  "var/home": directory(),
  "etc/motd": file("old", { mode: 0o600 }),
  "etc/passwd": "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n",
  "etc/group": "root:x:0:\nshadow:x:42:\n",
};

describe("the definition's files", () => {
  test("are laid over what packages brought, with their directories", () => {
    const { tree } = apply(layEntries, root, {
      files: [added("/etc/motd"), added("/usr/share/a/b", "text")],
    });

    expect(textOf(tree, "etc/motd")).toBe("new");
    expect(tree.get("etc/motd")).toMatchObject({ mode: 0o644, mtime: epoch });
    expect(tree.get("usr/share/a")).toMatchObject({ type: "directory", mode: 0o755, uid: 0 });
  });

  test("go where links lead", () => {
    const { tree } = apply(layEntries, root, { files: [added("/lib/x/y")] });

    expect(textOf(tree, "usr/lib/x/y")).toBe("new");
    expect(targetOf(tree, "lib")).toBe("usr/lib");
  });

  test("take the place of files and links, not of other names of a file", () => {
    const { tree } = apply(
      layEntries,
      { ...root, "etc/issue": hardLink("etc/motd"), "etc/localtime": symlink("/usr/share/zoneinfo/Etc/UTC") },
      {
        files: [
          added("/etc/motd"),
          {
            path: "/etc/localtime",
            mode: 0o777,
            ...owner,
            type: "symlink",
            target: "../usr/share/zoneinfo/Europe/Berlin",
          },
        ],
      },
    );

    expect(textOf(tree, "etc/issue")).toBe("old");
    expect(targetOf(tree, "etc/localtime")).toBe("../usr/share/zoneinfo/Europe/Berlin");
  });

  test("may be directories: those that are there get the definition's mode", () => {
    const { tree } = apply(layEntries, root, {
      files: [
        { path: "/usr/lib/x", mode: 0o750, ...owner, user: 7, type: "directory" },
        added("/usr/lib/x/y"),
      ],
    });

    expect(tree.get("usr/lib/x")).toMatchObject({ type: "directory", mode: 0o750, uid: 7 });
    expect(textOf(tree, "usr/lib/x/y")).toBe("new");
  });

  test("belong to accounts of the image", () => {
    const { tree } = apply(layEntries, root, {
      files: [added("/etc/a", "", { user: "www-data", group: "shadow" })],
    });
    const failure = failureOf(() =>
      apply(layEntries, root, { files: [added("/etc/a", "", { user: "www-dta" })] }),
    );

    expect(tree.get("etc/a")).toMatchObject({ uid: 33, gid: 42 });
    expect(failure).toMatchObject({ code: "unknown-owner", fault: "usage" });
    expect(failure.hint).toContain("Did you mean www-data?");
  });

  test.each([
    ["/var/lib/x", "file-under-var", 'C /var/lib/x"'],
    ["/home/user/.profile", "file-under-var", "/usr/share/factory/var/home/user/.profile"],
    ["/usr/local/bin/tool", "file-under-var", 'bootc.local to "image"'],
    ["/opt/x", "file-under-var", 'bootc.local to "image"'],
    ["/run/x", "path-not-on-hosts", "/run"],
    ["/boot/grub/grub.cfg", "path-not-on-hosts", "/boot"],
    ["/etc/motd/x", "path-through-file", "another path"],
    ["/usr/lib/x", "directory-in-the-way", "would be lost"],
  ])("are refused at %s: %s", (path, code, hint) => {
    const failure = failureOf(() => apply(layEntries, root, { files: [added(path)] }));

    expect(failure).toMatchObject({ code, fault: "usage" });
    expect(failure.message).toContain(`customizations.files puts `);
    expect(failure.hint).toContain(hint);
  });
});
