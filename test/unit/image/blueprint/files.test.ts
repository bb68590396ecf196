import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import { pathsOf, planned, textOf } from "./planned.ts";

const own = [
  "/usr/lib/bootc/install/50-image.toml",
  "/usr/lib/dracut/dracut.conf.d/50-image.conf",
  "/usr/lib/ostree/prepare-root.conf",
];

describe("files and directories", () => {
  test("have path, mode, owner and content", async () => {
    const plan = await planned([
      ...file("/etc/motd", 'data = "hello\\n"'),
      ...file("/etc/secret", 'mode = "600"', 'user = "daemon"', "group = 1000"),
      ...directory("/etc/app.d", 'mode = "2750"', 'group = "adm"'),
    ]);

    expect(plan.entries.filter(({ path }) => !own.includes(path))).toMatchObject([
      { path: "/etc/app.d", type: "directory", mode: 0o2750, user: "root", group: "adm" },
      {
        path: "/etc/motd",
        type: "file",
        mode: 0o644,
        user: "root",
        group: "root",
        sizeBytes: 6,
        digest: digestOf("hello\n"),
      },
      { path: "/etc/secret", type: "file", mode: 0o600, user: "daemon", group: 1000, sizeBytes: 0 },
    ]);
  });

  test("are listed by path, whatever their order in the definition", async () => {
    const [a, b, c] = [file("/etc/a"), file("/etc/b"), directory("/etc/a.d")];

    expect(pathsOf(await planned([...c, ...b, ...a]))).toEqual(pathsOf(await planned([...a, ...b, ...c])));
    expect(pathsOf(await planned([...c, ...b, ...a]))).toEqual(["/etc/a", "/etc/a.d", "/etc/b", ...own]);
  });

  test("may have a local file's content, which stays where it is", async () => {
    const plan = await planned(file("/etc/motd", 'uri = "motd.txt"'), {
      beside: { "motd.txt": "from a file\n" },
    });

    expect(plan.entries[0]).toMatchObject({
      path: "/etc/motd",
      sizeBytes: 12,
      digest: digestOf("from a file\n"),
      content: { from: "file", file: expect.stringMatching(/\/motd\.txt$/), offset: 0 },
    });
  });

  test("say so when the local file is missing or a directory", async () => {
    await expect(planned(file("/etc/motd", 'uri = "motd.txt"'))).rejects.toMatchObject({
      code: "definition-file-missing",
      message: expect.stringMatching(/image\.toml:4: .*motd\.txt is not there$/),
    });
    await expect(planned(file("/etc/motd", 'uri = "/usr"'))).rejects.toMatchObject({
      code: "definition-file-missing",
      message: expect.stringMatching(/\/usr is not a regular file$/),
    });
  });

  test("below /var are refused, with what to do instead", async () => {
    await expect(planned(file("/var/lib/app/config"))).rejects.toMatchObject({
      fault: "usage",
      code: "file-under-var",
      message: expect.stringMatching(/image\.toml:3: \/var\/lib\/app\/config is below \/var/),
      hint: expect.stringContaining("/usr/share/factory/var/lib/app/config"),
    });
  });

  test("that are directories below /var are made on hosts", async () => {
    const plan = await planned([
      ...directory("/var/lib/app", 'mode = "750"', 'user = "daemon"', "group = 1000"),
      ...directory("/var/lib/100%"),
    ]);

    expect(textOf(plan, "/usr/lib/tmpfiles.d/50-image-directories.conf")).toBe(
      'd "/var/lib/100%%" 0755 root root -\nd "/var/lib/app" 0750 daemon 1000 -\n',
    );
    expect(pathsOf(plan)).not.toContain("/var/lib/app");
  });

  test.each([
    ["/home/admin/.bashrc", "/home is in /var"],
    ["/root/.ssh/authorized_keys", "/root is in /var"],
    ["/srv/data", "/srv is in /var"],
    ["/boot/grub.cfg", "the image's /boot is empty"],
    ["/run/app", "/run is made anew at each boot"],
    ["/tmp/app", "/tmp is made anew at each boot"],
    ["/proc/x", "/proc is the kernel's"],
    ["/sysroot/x", "/sysroot is bootc's"],
    ["/usr/etc/motd", "/usr/etc is where bootc keeps"],
    ["/usr/lib/sysimage/dpkg/status", "the package database"],
    ["/bin/tool", "/bin is a link to /usr/bin"],
    ["/lib/app", "/lib is a link to /usr/lib"],
    ["/opt/app", "/opt is a link into /var"],
    ["/usr/local/bin/tool", "/usr/local is a link into /var"],
  ])("at %s are refused", async (path, message) => {
    await expect(planned(file(path))).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
    await expect(planned(directory(path))).rejects.toMatchObject({ code: "definition-invalid-value" });
  });

  test("may be in /opt and /usr/local when these are the image's", async () => {
    const plan = await planned([
      ...file("/opt/app/run"),
      ...file("/usr/local/bin/tool"),
      "[bootc]",
      'backend = "ostree"',
      'local = "image"',
    ]);

    expect(pathsOf(plan)).toEqual(expect.arrayContaining(["/opt/app/run", "/usr/local/bin/tool"]));
    expect(plan.layout).toEqual({ home: "links", local: "image" });
  });

  test.each([
    ["relative", 'path = "etc/motd"', "expected an absolute path"],
    ["not the one way to write it", 'path = "/etc//motd"', "expected a path without"],
    ["leading upward", 'path = "/etc/../motd"', "expected a path without"],
    ["the root", 'path = "/"', "expected a path without"],
    ["with a line feed", 'path = "/etc/a\\nb"', "expected text on one line"],
    [
      "with an address elsewhere",
      'path = "/etc/a"\nuri = "https://mirror.example/a"',
      "expected a path or a file: address",
    ],
    ["with two contents", 'path = "/etc/a"\nuri = "a"\ndata = "b"', "expected data or uri, not both"],
    ["with a mode that is none", 'path = "/etc/a"\nmode = "0999"', "expected permissions in octal"],
  ])("are refused when %s", async (_, line, message) => {
    await expect(planned(["[[customizations.files]]", line])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [
      "two keys that write the same file",
      [...file("/etc/locale.conf"), "[customizations.locale]", 'languages = ["C.UTF-8"]'],
      "Leave it out of one of customizations.locale.languages and customizations.files.",
    ],
    ["the same file twice", [...file("/etc/a"), ...file("/etc/a")], "Leave one of them out."],
    ["a file in a file", [...file("/etc/a"), ...file("/etc/a/b/c")], "Give one of them another path."],
  ])("are refused with %s", async (_, lines, hint) => {
    await expect(planned(lines)).rejects.toMatchObject({
      code: "definition-conflict",
      message: expect.stringMatching(/image\.toml:\d+: /),
      hint,
    });
  });
});

describe("certificate authorities", () => {
  // openssl req -x509 -newkey ed25519 -subj /CN=test -days 36500 -nodes
  const certificate = [
    "-----BEGIN CERTIFICATE-----",
    "MIIBNDCB56ADAgECAhQLwe1VIqKN0/IMeoDdpSgKOWyCHTAFBgMrZXAwDzENMAsG",
    "A1UEAwwEdGVzdDAgFw0yNjExMjExMDA4MzNaGA8yMTI2MTAyODEwMDgzM1owDzEN",
    "MAsGA1UEAwwEdGVzdDAqMAUGAytlcAMhABy19IJDA7tZ6Qh0AlplGz0vVnsmd2J2",
    "s3wk3mYLmW4Eo1MwUTAdBgNVHQ4EFgQUjzasAefFI9C+yqd8d6kJ/zka/FswHwYD",
    "VR0jBBgwFoAUjzasAefFI9C+yqd8d6kJ/zka/FswDwYDVR0TAQH/BAUwAwEB/zAF",
    "BgMrZXADQQBK9FJ3Z+eKZzRnd8xgNbTXrsB/kCZ8rhV8Go+ojxXS3rwwUNMvwHXc",
    "Pt8uIjGw0NPgzI9z7mk+hpsd9ZUnUx4A",
    "-----END CERTIFICATE-----",
  ].join("\n");

  test("lie where those of packages do, and are trusted", async () => {
    const plan = await planned(["[customizations.cacerts]", `pem_certs = ["""\n${certificate}\n"""]`]);

    expect(textOf(plan, "/usr/share/ca-certificates/image/authority-1.crt")).toBe(`${certificate}\n`);
    expect(plan.packages.reasons["ca-certificates"]).toEqual(["customizations.cacerts"]);
    expect(plan.commands[0]?.argv.at(-1)).toBe("image/authority-1.crt");
  });

  test("are refused when they are none", async () => {
    const broken = certificate.replace(/M/g, "N");

    await expect(
      planned(["[customizations.cacerts]", `pem_certs = ["""\n${broken}\n"""]`]),
    ).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("this is no certificate"),
    });
    await expect(planned(["[customizations.cacerts]", 'pem_certs = ["x"]'])).rejects.toMatchObject({
      message: expect.stringContaining("expected one certificate in PEM form"),
    });
  });
});

function file(path: string, ...lines: readonly string[]): string[] {
  return ["[[customizations.files]]", `path = "${path}"`, ...lines];
}

function directory(path: string, ...lines: readonly string[]): string[] {
  return ["[[customizations.directories]]", `path = "${path}"`, ...lines];
}
