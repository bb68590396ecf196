import { describe, expect, test } from "vitest";
import { sysusers } from "../../../../src/image/lint/bootc/sysusers.ts";
import { varTmpfiles } from "../../../../src/image/lint/bootc/var-tmpfiles.ts";
import { textWith } from "./check.ts";
import { type Piece, directory, special, symlink } from "./root.ts";

const accounts = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n",
  "etc/group": "root:x:0:\nstaff:x:50:alice\n",
};

describe("sysusers", () => {
  const conf = "usr/lib/sysusers.d/basic.conf";

  test("lists users and groups that nothing declares", async () => {
    expect(await textWith(sysusers, accounts)).toBe(
      "Found /etc/passwd entry without corresponding systemd sysusers.d:\n  root\n  sync\n" +
        "Found /etc/group entry without corresponding systemd sysusers.d:\n  root\n  staff\n",
    );
  });

  test("takes a user's line for its group, too", async () => {
    const text =
      'u root 0 "Super User" /root /bin/bash\n# a comment\nu! sync 4:65534 "a b"\ng staff 50\nm sync staff\n';

    expect(await textWith(sysusers, { ...accounts, [conf]: text })).toBeNull();
  });

  test("reads neither /etc/sysusers.d nor other names, and wants no accounts at all", async () => {
    const elsewhere = {
      "etc/sysusers.d/a.conf": "u root 0\nu sync 4\ng staff 50\n",
      "usr/lib/sysusers.d/a.txt": "   ",
    };

    expect(await textWith(sysusers, { ...accounts, ...elsewhere })).toMatch(/^Found \/etc\/passwd entry/);
    expect(await textWith(sysusers, { [conf]: "   \n" })).toBeNull();
  });

  test.each([
    'u user_name /file/owned/by/user "User Description" /home/dir /path/to/shell',
    "g group_name /file/owned/by/group",
    "u otheruser -",
    "u justusername",
    "g justgroupname",
    'u qemu 107:qemu "qemu user" - -',
    "u vboxadd -:1 - /var/run/vboxadd -",
    "r - 42-43",
    "q unknown types are for later versions",
    "\tu indented 5",
  ])("takes the line %o", async (line) => {
    expect(await textWith(sysusers, { ...accounts, [conf]: `${line}\n` })).toMatch(/^Found/);
  });

  test.each([
    "   ",
    "\t",
    "u",
    "u name twelve",
    "u name 4294967296",
    "u name 1:99999999999",
    "g",
    "g name x1",
    "r -",
    "r - 42",
    '""',
  ])("cannot go on after the line %o", async (line) => {
    const promise = textWith(sysusers, { ...accounts, [conf]: `# fine\n${line}\n` });

    await expect(promise).rejects.toThrow("Failed to parse sysusers entry from basic.conf:");
  });

  test("cannot go on with a passwd that is none, or without a group file", async () => {
    const broken = { ...accounts, "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n\nnonsense\n" };
    const { "etc/passwd": passwd } = accounts;

    await expect(textWith(sysusers, broken)).rejects.toThrow(
      "Failed to load etc/passwd: failed to parse passwd entry at line 2, content: nonsense",
    );
    await expect(textWith(sysusers, { "etc/passwd": passwd })).rejects.toThrow("Failed to load etc/group");
  });

  test("passes over comments and NSS compat lines of passwd", async () => {
    const pieces = { "etc/passwd": "# none\n+@users\n-nobody\n+\n", "etc/group": "+\n" };

    expect(await textWith(sysusers, pieces)).toBeNull();
  });
});

describe("var-tmpfiles", () => {
  const conf = "usr/lib/tmpfiles.d/a.conf";
  const owners = { ...accounts, "etc/group": "root:x:0:\nstaff:x:50:\n" };
  const says = (pieces: Readonly<Record<string, Piece>>) => textWith(varTmpfiles, { ...owners, ...pieces });

  test("lists directories and links as the lines that would declare them", async () => {
    const text = await says({
      "var/lib/a b": directory({ mode: 0o2775, gid: 50 }),
      "var/lib": directory(),
      "var/lock": symlink("/var/run/lock"),
      "var/run": symlink("/run"),
      "var/umlaut-ä": directory(),
    });

    expect(text).toBe(
      "Found content in /var missing systemd tmpfiles.d entries:\n" +
        "  L /run - - - - /run\n" +
        "  L /var/lock - - - - /run/lock\n" +
        "  d /var/lib 0755 root root - -\n" +
        String.raw`  d /var/lib/a\x20b 2775 root staff - -` +
        "\n" +
        String.raw`  d /var/umlaut-\xc3\xa4 0755 root root - -` +
        "\n",
    );
  });

  test("lists other files by themselves", async () => {
    const text = await says({
      [conf]: "d /var/lib 0755 - - -\nd /var/cache\n",
      "var/lib/file": "",
      "var/lib/fifo": special("fifo"),
      "var/cache/a b": "x",
    });

    expect(text).toBe(
      "Found non-directory/non-symlink files in /var:\n  'var/cache/a b'\n  var/lib/fifo\n  var/lib/file\n",
    );
  });

  test.each([
    "d /var/x",
    "D! /var/x 0755 root root 10d",
    "  L+  /var/x - - - - /elsewhere",
    'v "/var/x" 0755',
    String.raw`d /var/\x78`,
    "f+ /var/x 0644 - - - text",
  ])("takes %o for a declaration of /var/x", async (line) => {
    expect(await says({ "var/x": directory(), [conf]: `# comment\n\n${line}\n` })).toBeNull();
    expect(await says({ "var/x": "text", "etc/tmpfiles.d/b.conf": `${line}\n` })).toBeNull();
  });

  test("finds a declared path through links in its parents, but not in its last part", async () => {
    const pieces = {
      root: symlink("var/roothome"),
      home: symlink("/var/home"),
      "var/roothome/.ssh": directory(),
      "var/home/alice": directory(),
      "var/lib/machines/one": directory(),
      "var/lib/portables": symlink("machines"),
      [conf]: [
        "d /var/roothome 0700",
        "d /root/.ssh 0700",
        "d /var/home",
        "d /home/alice",
        "d /var/lib",
        "d /var/lib/machines",
        "L /var/lib/portables",
        "d /var/lib/portables/one",
      ].join("\n"),
    };

    expect(await says(pieces)).toBeNull();
    expect(
      await says({
        ...pieces,
        "var/lib/link": symlink("machines"),
        "usr/lib/tmpfiles.d/z.conf": "d /var/lib/machines\n",
      }),
    ).toContain("L /var/lib/link - - - - machines");
  });

  test("does not go round in circles", async () => {
    expect(
      await says({
        "var/a": symlink("b"),
        "var/b": symlink("a"),
        [conf]: "L /var/a\nL /var/b\nd /var/a/c\n",
      }),
    ).toBeNull();
  });

  test.each(["  ", String.raw`d /var/\q`, String.raw`d /var/\x2`, "d /var/\\", String.raw`d "/var/\xzz"`])(
    "cannot go on after the line %o",
    async (line) => {
      await expect(says({ [conf]: `d\n${line}\n` })).rejects.toThrow("Malformed tmpfiles.d");
    },
  );

  test("cannot go on with what belongs to nobody", async () => {
    await expect(says({ "var/x": directory({ uid: 1234 }) })).rejects.toThrow("User not found for id 1234");
    await expect(says({ "var/x": directory({ gid: 1234 }) })).rejects.toThrow("Group not found for id 1234");
    expect(await says({ "var/x": directory({ uid: 1234 }), [conf]: "d /var/x\n" })).toBeNull();
  });
});
