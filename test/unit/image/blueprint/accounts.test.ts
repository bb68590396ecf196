import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseSysusers } from "../../../../src/image/host-files/sysusers.ts";
import { pathsOf, planned, textOf } from "./planned.ts";

const hash = "$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$HboKE7BxgkWlEaNzXf1UXLEbwcV9ijLyRd8TUFBrpR0";
const key =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKSHa2fkPTkpy4FrM8rqYeYCe5Lpzl1AtKT4gM8lrJYC admin@example.org";
const sysusersFile = "/usr/lib/sysusers.d/50-image.conf";

const everything = [
  "[[customizations.group]]",
  'name = "staffers"',
  "gid = 2000",
  "[[customizations.user]]",
  'name = "admin"',
  'description = "Ann \\"A\\" Admin, 100%"',
  "uid = 1000",
  `password = "${hash}"`,
  `key = "${key}"`,
  'groups = ["sudo", "staffers"]',
  "[[customizations.user]]",
  'name = "web"',
  "uid = 1001",
  "gid = 3000",
  'home = "/srv/web site"',
  'shell = "/usr/sbin/nologin"',
  "[[customizations.user]]",
  'name = "clerk"',
  "uid = 1002",
  "gid = 2000",
  `password = "${hash}"`,
  'home = "/nonexistent"',
];

describe("accounts", () => {
  test("are declared for systemd-sysusers with their ids: groups, users, memberships", async () => {
    const plan = await planned(everything);

    expect(textOf(plan, sysusersFile)).toBe(
      [
        "g staffers 2000",
        "g web 3000",
        'u admin 1000 "Ann \\"A\\" Admin, 100%%" /home/admin /bin/bash',
        "u clerk 1002:2000 - /nonexistent /bin/bash",
        'u web 1001:3000 - "/srv/web site" /usr/sbin/nologin',
        "m admin staffers",
        "m admin sudo",
        "",
      ].join("\n"),
    );
    expect(plan.accounts).toEqual({
      users: [
        { name: "admin", uid: 1000, gid: 1000 },
        { name: "web", uid: 1001, gid: 3000 },
        { name: "clerk", uid: 1002, gid: 2000 },
      ],
      groups: [{ name: "staffers", gid: 2000 }],
      requiredGroups: ["sudo"],
    });
    expect(plan.commands[0]).toMatchObject({ argv: ["systemd-sysusers", "50-image.conf"] });
  });

  test("are declared as the lint reads it", async () => {
    const declared = parseSysusers([
      ["50-image.conf", textOf(await planned(everything), sysusersFile) ?? ""],
    ]);

    expect([...declared.users.keys()].toSorted()).toEqual(["admin", "clerk", "web"]);
    expect([...declared.groups.keys()].toSorted()).toEqual(["admin", "clerk", "staffers", "web"]);
  });

  test("become what was meant, as systemd-sysusers itself says", async (context) => {
    const root = rootWith(textOf(await planned(everything), sysusersFile) ?? "");
    const said = sysusers(root) ?? context.skip("systemd-sysusers is not installed");

    expect(said).toContain("Creating group 'staffers' with GID 2000");
    expect(said).toContain(`Creating user 'admin' (Ann "A" Admin, 100%) with UID 1000 and GID 1000`);
    expect(said).toMatch(/Creating user 'web' .*with UID 1001 and GID 3000/);
    expect(said).toMatch(/Creating user 'clerk' .*with UID 1002 and GID 2000/);
    expect(said).not.toMatch(/[Ii]gnoring|[Cc]onflict|[Ff]ailed/);
  });

  test("have homes made from /etc/skel, which are theirs", async () => {
    expect(textOf(await planned(everything), "/usr/lib/tmpfiles.d/50-image-homes.conf")).toBe(
      'C "/var/srv/web site" 0700 1001 3000 - /etc/skel\nC /var/home/admin 0700 1000 1000 - /etc/skel\n',
    );
  });

  test("have passwords as hashes only: set in the image, and kept for hosts that make the account anew", async () => {
    const plan = await planned(everything);
    const set = plan.commands.find(({ argv }) => argv[0] === "chpasswd");

    expect(set).toMatchObject({ argv: ["chpasswd", "--encrypted"], input: `admin:${hash}\nclerk:${hash}\n` });
    expect(
      plan.entries.find(({ path }) => path === "/usr/lib/credstore/passwd.hashed-password.admin"),
    ).toMatchObject({
      mode: 0o600,
    });
    expect(textOf(plan, "/usr/lib/credstore/passwd.hashed-password.admin")).toBe(hash);
    expect(textOf(plan, "/usr/lib/systemd/system/systemd-sysusers.service.d/50-image.conf")).toBe(
      "[Service]\nImportCredential=passwd.hashed-password.admin\nImportCredential=passwd.hashed-password.clerk\n",
    );
  });

  test("have keys in the image itself, where sshd looks for them", async () => {
    const plan = await planned([
      ...everything,
      "[[customizations.sshkey]]",
      'user = "root"',
      `key = """`,
      `# of the machine room`,
      `command="/bin/true" ${key}`,
      `"""`,
    ]);

    expect(textOf(plan, "/etc/ssh/sshd_config.d/50-image-keys.conf")).toBe(
      "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2 /usr/lib/ssh/authorized_keys.d/%u\n",
    );
    expect(textOf(plan, "/usr/lib/ssh/authorized_keys.d/admin")).toBe(`${key}\n`);
    expect(textOf(plan, "/usr/lib/ssh/authorized_keys.d/root")).toBe(`command="/bin/true" ${key}\n`);
  });

  test("warn of keys without a server, and of users whom nobody can be", async () => {
    expect(await noticesOf(everything)).toEqual([
      "without-bootc",
      "keys-without-server",
      "user-without-login",
    ]);
    expect(await noticesOf([...everything, "[[packages]]", 'name = "openssh-server"'])).not.toContain(
      "keys-without-server",
    );
    expect(await noticesOf([...everything, "[[groups]]", 'name = "ssh-server"'])).not.toContain(
      "keys-without-server",
    );
  });

  test("of root take a password and a key, and no ids", async () => {
    const plan = await planned([
      "[[customizations.user]]",
      'name = "root"',
      `password = "${hash}"`,
      `key = "${key}"`,
    ]);

    expect(plan.commands.map(({ argv }) => argv[0])).toEqual(["chpasswd"]);
    expect(pathsOf(plan)).toContain("/usr/lib/ssh/authorized_keys.d/root");
    expect(pathsOf(plan)).not.toContain(sysusersFile);
    expect(plan.accounts.users).toEqual([]);
  });

  test("need ids, of which a free one is offered", async () => {
    const taken = ["[[customizations.group]]", 'name = "a"', "gid = 1000"];

    await expect(planned([...taken, "[[customizations.user]]", 'name = "admin"'])).rejects.toMatchObject({
      code: "user-without-id",
      message: expect.stringMatching(/image\.toml:6: the user admin has no uid$/),
      hint: "Add uid = 1001, and never change it: files in /var keep it from image to image.",
    });
    await expect(planned(["[[customizations.group]]", 'name = "b"'])).rejects.toMatchObject({
      code: "user-without-id",
      hint: expect.stringContaining("gid = 1000"),
    });
  });

  test.each([
    [
      "a name twice",
      ["admin", "uid = 1000"],
      ["admin", "uid = 1001"],
      "two entries of customizations.user have the name admin",
    ],
    [
      "an id twice",
      ["admin", "uid = 1000"],
      ["web", "uid = 1000"],
      "two entries of customizations.user have the uid 1000",
    ],
  ])("are refused with %s", async (_, one, other, message) => {
    await expect(planned([...user(one), ...user(other)])).rejects.toMatchObject({
      code: "definition-conflict",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ["root's id for another", ["admin", "uid = 0"], "root, and no other user, has the id 0"],
    ["another id for root", ["root", "uid = 5"], "root, and no other user, has the id 0"],
    ["another home for root", ["root", 'home = "/var/root"'], "root's home and name are Debian's"],
    [
      "a home in the image",
      ["admin", "uid = 1000", 'home = "/usr/lib/admin"'],
      "the home /usr/lib/admin is in no place",
    ],
    ["Fedora's group", ["admin", "uid = 1000", 'groups = ["wheel"]'], "Debian has no group wheel"],
    [
      "a plain password",
      ["admin", "uid = 1000", 'password = "geheim"'],
      "no password stands in a definition",
    ],
    [
      "a weak hash",
      ["admin", "uid = 1000", 'password = "$1$salt$qJH7.N4xYta3aEG/dfqo/0"'],
      "expected a hash",
    ],
    ["a hash with a colon", ["admin", "uid = 1000", 'password = "$6$salt$a:b"'], "expected a hash"],
    [
      "a key that is none",
      ["admin", "uid = 1000", 'key = "ssh-ed25519 AAAAnokey"'],
      "this is no public SSH key",
    ],
    [
      "a private key",
      ["admin", "uid = 1000", 'key = "-----BEGIN OPENSSH PRIVATE KEY-----"'],
      "this is a private key",
    ],
    [
      "a colon in the full name",
      ["admin", "uid = 1000", 'description = "a:b"'],
      "expected text without colons",
    ],
    ["a name of capitals", ["Admin", "uid = 1000"], "expected a name"],
    ["the id of nobody", ["admin", "uid = 65534"], "expected an id"],
  ])("are refused with %s", async (_, [name, ...lines], message) => {
    await expect(planned(["[[customizations.user]]", `name = "${name}"`, ...lines])).rejects.toMatchObject({
      fault: "usage",
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });

  test("with Fedora's group are taken when the definition has it", async () => {
    const plan = await planned([
      "[[customizations.group]]",
      'name = "wheel"',
      "gid = 1500",
      "[[customizations.user]]",
      'name = "admin"',
      "uid = 1000",
      'groups = ["wheel"]',
    ]);

    expect(plan.accounts.requiredGroups).toEqual([]);
  });
});

function user([name, ...lines]: readonly string[]): string[] {
  return ["[[customizations.user]]", `name = "${name}"`, ...lines];
}

async function noticesOf(lines: readonly string[]): Promise<string[]> {
  return (await planned(lines)).notices.map(({ name }) => name);
}

/** A root filesystem of nothing but Debian's first accounts and that fragment. */
function rootWith(fragment: string): string {
  const root = mkdtempSync(join(tmpdir(), "debkiln-sysusers-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "etc"));
  mkdirSync(join(root, "usr/lib/sysusers.d"), { recursive: true });
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nsudo:x:27:\n");
  writeFileSync(join(root, "usr/lib/sysusers.d/50-image.conf"), fragment);
  return root;
}

/** What systemd-sysusers says that it would do; null when there is none. */
function sysusers(root: string): string | null {
  const argv = ["-c", `systemd-sysusers --root="$0" --dry-run 50-image.conf 2>&1`, root];
  try {
    execFileSync("sh", ["-c", "command -v systemd-sysusers"]);
  } catch {
    return null;
  }
  return execFileSync("sh", argv, { encoding: "utf8" });
}
