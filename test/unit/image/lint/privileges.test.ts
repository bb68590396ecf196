import { describe, expect, test } from "vitest";
import { emptyPasswords } from "../../../../src/image/lint/debkiln/empty-passwords.ts";
import { fileCapabilities } from "../../../../src/image/lint/debkiln/file-capabilities.ts";
import { selinuxLabels } from "../../../../src/image/lint/debkiln/selinux-labels.ts";
import { setId } from "../../../../src/image/lint/debkiln/set-id.ts";
import { says } from "./changed.ts";
import { directory, file } from "./root.ts";

describe("set-id", () => {
  test("names programs that Debian is not known to have, with their packages", async () => {
    const change = {
      "usr/local/bin/shell": file("program", { mode: 0o4755, uid: 0, gid: 50 }),
      "usr/lib/foreign/helper": file("program", { mode: 0o2711 }),
      "usr/lib/sysimage/dpkg/info/sudo.list": "/lib/foreign/helper\n",
    };

    expect(await says(setId, change)).toBe(
      "Found unknown set-uid or set-gid programs:\n" +
        "  /usr/lib/foreign/helper (2711 0:0, of the package sudo)\n" +
        "  /usr/local/bin/shell (4755 0:50, of no package)\n",
    );
  });

  test.each([
    ["dpkg-statoverride names", { "usr/lib/sysimage/dpkg/statoverride": "root staff 4750 /bin/mine\n" }, {}],
    ["are meant to be", {}, { intended: { hostname: null, setId: ["usr/bin/mine"] } }],
    ["cannot be run", { "usr/bin/mine": file("data", { mode: 0o2644 }) }, {}],
  ])("takes those that %s", async (_, change, known) => {
    expect(
      await says(setId, { "usr/bin/mine": file("program", { mode: 0o4755 }), ...change }, known),
    ).toBeNull();
  });
});

describe("file-capabilities", () => {
  const capable = file("program", { mode: 0o755, xattrs: { "security.capability": Buffer.from([1]) } });

  test("takes ping's, and names others", async () => {
    expect(await says(fileCapabilities, { "usr/bin/ping": capable })).toBeNull();
    expect(await says(fileCapabilities, { "usr/bin/pong": capable })).toBe(
      "Found unknown programs with capabilities:\n  /usr/bin/pong (of no package)\n",
    );
  });
});

describe("selinux-labels", () => {
  test("names what has attributes that are not the image's", async () => {
    const xattrs = { "security.selinux": Buffer.from("system_u:object_r:etc_t:s0\0") };
    const opaque = { "trusted.overlay.opaque": Buffer.from("y") };
    const change = { "etc/motd": file("", { xattrs }), opt: directory({ xattrs: opaque }) };

    expect(await says(selinuxLabels, change)).toBe(
      "Found attributes of SELinux or overlayfs:\n  /etc/motd\n  /opt\n",
    );
    expect(
      await says(selinuxLabels, { "etc/motd": file("", { xattrs: { "user.component": Buffer.from("x") } }) }),
    ).toBeNull();
  });
});

test("empty-passwords names accounts that let anybody in", async () => {
  const change = {
    "etc/shadow": "root:*:20000:0:99999:7:::\nguest::20000:0:99999:7:::\n#a::\n+::\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nold::1000:1000::/home/old:/bin/sh\n",
  };

  expect(await says(emptyPasswords, change)).toBe("Found accounts with an empty password:\n  guest\n  old\n");
});
