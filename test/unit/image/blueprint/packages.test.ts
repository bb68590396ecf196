import { describe, expect, test } from "vitest";
import { parseSources } from "../../../../src/debian/repository.ts";
import { planned, textOf } from "./planned.ts";

const armored = [
  "-----BEGIN PGP PUBLIC KEY BLOCK-----",
  "",
  "mDMEZxQ0RRYJKwYBBAHaRw8BAQdA",
  "-----END PGP PUBLIC KEY BLOCK-----",
].join("\n");

const repository = [
  "[[customizations.repositories]]",
  'id = "vendor"',
  'name = "The vendor\'s"',
  'baseurls = ["https://mirror.example/debian"]',
  'suites = ["stable"]',
  'components = ["main", "extra"]',
  `gpgkeys = ["""\n${armored}\n"""]`,
];

describe("packages", () => {
  test("become relations, each once, with the keys that want them", async () => {
    const { packages } = await planned([
      ...named("vim", "*"),
      ...named("nginx", "1.26.3-3"),
      ...named("podman", ">= 5"),
      ...named("udev", "*"),
      "[[modules]]",
      'name = "vim"',
      "[[groups]]",
      'name = "ssh-server"',
      "[[groups]]",
      'name = "task-web-server"',
    ]);

    expect(packages.depends).toBe(
      "dracut, e2fsprogs, linux-image-amd64, nginx (= 1.26.3-3), ostree, ostree-boot, podman (>= 5), systemd-sysv, task-ssh-server, task-web-server, udev, vim, zstd",
    );
    expect(packages.reasons).toMatchObject({
      "nginx (= 1.26.3-3)": ["packages"],
      vim: ["modules", "packages"],
      udev: ["boot", "packages"],
      "task-ssh-server": ["groups"],
    });
    expect(packages.relations).toHaveLength(13);
  });

  test("are for some architectures if they say so", async () => {
    const lines = [...named("intel-microcode", "*"), 'architectures = ["amd64"]'];

    expect((await planned(lines)).packages.depends).toContain("intel-microcode");
    expect((await planned(lines, { architecture: "arm64" })).packages.depends).not.toContain(
      "intel-microcode",
    );
    await expect(planned([...named("x2", "*"), 'architectures = ["x86_64"]'])).rejects.toMatchObject({
      code: "definition-invalid-value",
    });
  });

  test.each(["Vim", "a", "vim; reboot", "vim=1"])("are not named %s", async (name) => {
    await expect(planned(named(name, "*"))).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("expected the name of a Debian package"),
    });
  });

  test.each(["1.*", "latest", ">= ", "1, vim", "== 1"])("have no version %s", async (version) => {
    await expect(planned(named("vim", version))).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("expected a Debian version"),
    });
  });

  test("of the standard task are those of a variant", async () => {
    await expect(planned(["[[groups]]", 'name = "standard"'])).rejects.toMatchObject({
      hint: 'Set variant = "standard" under [debian].',
    });
  });

  test("are installed as [debian] says", async () => {
    const { packages } = await planned(
      [
        "[debian]",
        'variant = "important"',
        "recommends = true",
        'debconf = ["tzdata tzdata/Areas select Europe"]',
        'path_excludes = ["/usr/share/man/*"]',
        'path_includes = ["/usr/share/man/de/*"]',
        'debs = ["a_1_amd64.deb"]',
        'lock = "lock.json"',
      ],
      { beside: { "a_1_amd64.deb": "deb", "lock.json": "{}" } },
    );

    expect(packages).toMatchObject({
      recommends: true,
      recipe: {
        purpose: "image",
        variant: "important",
        debconf: ["tzdata tzdata/Areas select Europe"],
        pathExcludes: ["/usr/share/man/*"],
        pathIncludes: ["/usr/share/man/de/*"],
      },
      debs: [{ path: expect.stringMatching(/a_1_amd64\.deb$/), sizeBytes: 3 }],
      lock: { path: expect.stringMatching(/lock\.json$/), sizeBytes: 2 },
    });
  });

  test("may be all those of a directory", async () => {
    const beside = { "b_1_all.deb": "b", "a_1_all.deb": "a", "a.txt": "" };
    const { packages } = await planned(["[debian]", 'debs = ["."]'], { beside });

    expect(packages.debs.map(({ path }) => path.split("/").at(-1))).toEqual(["a_1_all.deb", "b_1_all.deb"]);
    await expect(planned(["[debian]", 'debs = ["."]'])).rejects.toMatchObject({
      code: "definition-file-missing",
      message: expect.stringMatching(/ has no \.debs$/),
    });
    await expect(planned(["[debian]", 'debs = ["a.txt"]'], { beside })).rejects.toMatchObject({
      message: expect.stringMatching(/is neither a \.deb nor a directory of such$/),
    });
  });
});

describe("the target", () => {
  test.each([
    [[], "trixie"],
    [['distro = "debian-12"'], "bookworm"],
    [['distro = "debian-13.1"'], "trixie"],
    [['distro = "debian-forky"'], "forky"],
    [["[debian]", 'suite = "sid"'], "sid"],
    [["[debian]", 'suite = "trixie-backports"'], "trixie-backports"],
  ])("of %o is %s", async (lines, suite) => {
    expect((await planned(lines)).target).toMatchObject({ suite, architecture: "amd64" });
  });

  test("is what the definition says, and the rest is the fallback's", async () => {
    const { target } = await planned(
      [
        "[debian]",
        'mirror = "https://mirror.example/debian"',
        'components = ["main", "contrib"]',
        "check_valid_until = false",
        'preferences = ["Package: *\\nPin: release a=stable\\nPin-Priority: 990\\n"]',
        'apt_options = ["APT::Default-Release=stable"]',
      ],
      {
        fallback: {
          mirror: "https://elsewhere.example/debian",
          keyring: "/keyring.asc",
          apt_options: ["APT::Default-Release=oldstable"],
        },
      },
    );

    expect(target).toMatchObject({
      mirror: "https://mirror.example/debian",
      components: ["main", "contrib"],
      check_valid_until: false,
      preferences: ["Package: *\nPin: release a=stable\nPin-Priority: 990\n"],
      apt_options: ["APT::Default-Release=stable"],
      keyring: "/keyring.asc",
    });
  });

  test.each([
    [
      "a release and a suite that contradict each other",
      ['distro = "debian-12"', "[debian]", 'suite = "trixie"'],
      "definition-conflict",
    ],
    ["a misspelt suite", ["[debian]", 'suite = "trixi"'], "unknown-suite"],
    ["a misspelt release", ['distro = "debian-trixi"'], "unknown-suite"],
  ])("is refused with %s, at its line", async (_, lines, code) => {
    await expect(planned(lines)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/image\.toml:\d: /),
    });
  });

  test("of an archive of one's own may be any suite", async () => {
    const lines = ["[debian]", 'suite = "house"', 'mirror = "https://mirror.example/house"'];

    expect((await planned(lines)).target.suite).toBe("house");
  });

  test("has further suites, pinned", async () => {
    const { packages } = await planned([
      "[[debian.suites]]",
      'name = "stable-backports"',
      'packages = ["podman", "/^linux-/"]',
      "[[debian.suites]]",
      'name = "experimental"',
      "pin = 1",
      "[[debian.suites]]",
      'name = "house"',
    ]);

    expect(packages.suites).toEqual(["stable-backports", "experimental", "house"]);
    expect(packages.preferences).toBe(
      [
        "Package: *\nPin: release n=trixie-backports\nPin-Priority: 100\n",
        "Package: podman /^linux-/\nPin: release n=trixie-backports\nPin-Priority: 990\n",
        "Package: *\nPin: release a=experimental\nPin-Priority: 1\n",
        "Package: *\nPin: release n=house\nPin-Priority: 100\n",
        "Package: *\nPin: release a=house\nPin-Priority: 100\n",
      ].join("\n"),
    );
  });
});

describe("repositories", () => {
  test("are apt's on hosts, with their key", async () => {
    const plan = await planned(repository);
    const text = textOf(plan, "/etc/apt/sources.list.d/vendor.sources") ?? "";

    expect(text).toMatch(/^# The vendor's\nTypes: deb\n/);
    expect(parseSources(text, "vendor.sources")).toEqual([
      {
        types: ["deb"],
        uris: ["https://mirror.example/debian"],
        suites: ["stable"],
        components: ["main", "extra"],
        signedBy: armored,
        enabled: true,
      },
    ]);
    expect(plan.target.repositories).toEqual([]);
  });

  test("are built from only if they say so", async () => {
    const plan = await planned([...repository, "install_from = true", 'filename = "x.repo"']);

    expect(parseSources(plan.target.repositories[0] ?? "", "x")).toMatchObject([
      { uris: ["https://mirror.example/debian"] },
    ]);
    expect(textOf(plan, "/etc/apt/sources.list.d/x.sources")).not.toBeNull();
  });

  test("that are built from are read although hosts do not use them", async () => {
    const plan = await planned([...repository, "install_from = true", "enabled = false"]);

    expect(parseSources(plan.target.repositories[0] ?? "", "x")).toMatchObject([{ enabled: true }]);
    expect(textOf(plan, "/etc/apt/sources.list.d/vendor.sources")).toContain("Enabled: no\n");
  });

  test.each([
    ["gpgcheck = false", "expected true"],
    ["repo_gpgcheck = false", "expected true"],
    ['filename = "../x"', "expected a file's name"],
  ])("are refused with %s", async (line, message) => {
    await expect(planned([...repository, line])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });

  test("are refused with a key that would have to be fetched", async () => {
    const lines = repository.map((line) =>
      line.startsWith("gpgkeys") ? 'gpgkeys = ["https://mirror.example/key.asc"]' : line,
    );

    await expect(planned(lines)).rejects.toMatchObject({
      message: expect.stringContaining("keys are not fetched"),
    });
  });

  test("include the archive only when the definition itself names its mirror", async () => {
    const path = "/etc/apt/sources.list.d/debian.sources";
    const lines = [
      "[debian]",
      'mirror = "https://mirror.example/debian"',
      'security_mirror = "https://mirror.example/security"',
    ];
    const fallback = { mirror: "https://mirror.example/debian" };

    expect(textOf(await planned([], { fallback }), path)).toBeNull();
    expect(parseSources(textOf(await planned(lines), path) ?? "", path)).toMatchObject([
      { uris: ["https://mirror.example/debian"], suites: ["trixie", "trixie-updates"], components: ["main"] },
      { uris: ["https://mirror.example/security"], suites: ["trixie-security"] },
    ]);
  });
});

describe("labels", () => {
  test("say that the image boots, and what it is", async () => {
    const plan = await planned([
      'description = "A server"',
      'version = "1.2.3"',
      "[bootc]",
      'backend = "ostree"',
      "[bootc.labels]",
      '"org.example.team" = "web"',
    ]);

    expect(Object.entries(plan.labels)).toEqual([
      ["containers.bootc", "1"],
      ["org.example.team", "web"],
      ["org.opencontainers.image.description", "A server"],
      ["org.opencontainers.image.title", "server"],
      ["org.opencontainers.image.version", "1.2.3"],
      ["ostree.bootable", "1"],
    ]);
    expect(Object.keys(plan.annotations)).toEqual([
      "org.opencontainers.image.description",
      "org.opencontainers.image.title",
      "org.opencontainers.image.version",
    ]);
  });

  test("cannot say that it does not boot", async () => {
    await expect(
      planned(["[bootc]", 'backend = "ostree"', 'labels = { "containers.bootc" = "0" }']),
    ).rejects.toMatchObject({ code: "definition-conflict" });
  });
});

describe("metadata", () => {
  test.each([
    ["version", "13.7", "expected a semantic version"],
    ["description", "two\\nlines", "expected text on one line"],
    ["distro", "fedora-40", 'expected "debian-" and a release'],
  ])("has no %s %s", async (key, value, message) => {
    await expect(planned([`${key} = "${value}"`])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });
});

function named(name: string, version: string): string[] {
  return ["[[packages]]", `name = "${name}"`, `version = "${version}"`];
}
