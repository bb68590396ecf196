import { describe, expect, test } from "vitest";
import { readInputs } from "../../../../src/image/blueprint/inputs.ts";
import { architectureOf } from "../../../../src/image/blueprint/machine.ts";
import { override } from "../../../../src/image/blueprint/override.ts";
import { planImage } from "../../../../src/image/blueprint/plan.ts";
import type { Definition } from "../../../../src/image/blueprint/read.ts";
import { definitionOf, pathsOf, planned, textOf } from "./planned.ts";

describe("bound images", () => {
  test("by reference get a Quadlet file, and all get a link for bootc", async () => {
    const plan = await planned([
      "[[containers]]",
      'source = "registry.example/team/db:1"',
      ...quadlet("web.container", "[Container]\nImage=registry.example/web:2\n"),
      "[bootc]",
      'backend = "ostree"',
      'bound_images = ["/usr/share/containers/systemd/web.container", "localhost:5000/cache"]',
    ]);

    expect(textOf(plan, "/usr/share/containers/systemd/db.image")).toBe(
      "[Image]\nImage=registry.example/team/db:1\n",
    );
    expect(textOf(plan, "/usr/share/containers/systemd/cache.image")).toBe(
      "[Image]\nImage=localhost:5000/cache\n",
    );
    expect(plan.entries.filter(({ path }) => path.startsWith("/usr/lib/bootc/bound-images.d"))).toMatchObject(
      [
        {
          path: "/usr/lib/bootc/bound-images.d/cache.image",
          target: "/usr/share/containers/systemd/cache.image",
        },
        { path: "/usr/lib/bootc/bound-images.d/db.image", target: "/usr/share/containers/systemd/db.image" },
        {
          path: "/usr/lib/bootc/bound-images.d/web.container",
          target: "/usr/share/containers/systemd/web.container",
        },
      ],
    );
    expect(plan.packages.reasons["podman"]).toEqual(["bootc.bound_images"]);
  });

  test.each([
    ["web", "does not say in which registry it is"],
    ["team/web", "does not say in which registry it is"],
    ["/usr/share/containers/systemd/web.container", "customizations.files has no"],
    ["/etc/containers/systemd/web.volume", "is no Quadlet file that bootc looks at"],
    ["/usr/share/containers/systemd/a/web.image", "is no Quadlet file that bootc looks at"],
  ])("cannot be %s", async (image, message) => {
    await expect(planned(bound(image))).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });

  test.each(["[Container]\n", "[Container]\nImage=registry.example/%i\n"])(
    "are refused when bootc would not understand their file, %o",
    async (data) => {
      const lines = [
        ...quadlet("web.container", data),
        ...bound("/usr/share/containers/systemd/web.container"),
      ];

      await expect(planned(lines)).rejects.toMatchObject({
        message: expect.stringContaining("has no line Image= that bootc understands"),
      });
    },
  );

  test("are refused when two would have one name", async () => {
    await expect(planned(bound("registry.example/web:1", "registry.example/web:2"))).rejects.toMatchObject({
      code: "definition-conflict",
    });
  });

  test("are refused when their reference is none", async () => {
    await expect(planned(bound("registry.example/web:a b"))).rejects.toMatchObject({
      code: "bad-reference",
      message: expect.stringMatching(
        /image\.toml:\d+: "registry\.example\/web:a b" is not an image's reference$/,
      ),
    });
  });
});

describe("steps", () => {
  test("are what the definition has, in its order", async () => {
    const plan = await planned(
      [
        "[bootc]",
        'backend = "ostree"',
        "[[bootc.steps]]",
        'run = "echo 1"',
        "[[bootc.steps]]",
        'name = "harden"',
        'script = "harden.sh"',
        "[[bootc.steps]]",
        'containerfile = "Containerfile"',
      ],
      { beside: { "harden.sh": "#!/bin/sh\n", Containerfile: "RUN true\n" } },
    );
    const directory = /^\/.*debkiln-blueprint-[^/]*$/;

    expect(plan.steps).toMatchObject([
      { name: "step 1", kind: "run", text: "echo 1" },
      { name: "harden", kind: "script", script: { sizeBytes: 10 } },
      { name: "step 3", kind: "containerfile", context: expect.stringMatching(directory) },
    ]);
  });

  test.each([
    ["nothing to do", [], "expected exactly one of run, script and containerfile"],
    [
      "two things to do",
      ['run = "a"', 'script = "b"'],
      "expected exactly one of run, script and containerfile",
    ],
    ["a context of nothing", ['run = "a"', 'context = "."'], "context goes with containerfile only"],
    ["a FROM", ['containerfile = "Containerfile"'], "has a FROM"],
  ])("are refused with %s", async (_, lines, message) => {
    const beside = { Containerfile: "FROM scratch\n" };

    await expect(
      planned(["[bootc]", 'backend = "ostree"', "[[bootc.steps]]", ...lines], { beside }),
    ).rejects.toMatchObject({ code: "definition-invalid-value", message: expect.stringContaining(message) });
  });

  test("say so when their files are not there", async () => {
    for (const line of ['script = "a.sh"', 'containerfile = "a"']) {
      await expect(planned(["[bootc]", 'backend = "ostree"', "[[bootc.steps]]", line])).rejects.toMatchObject(
        {
          code: "definition-file-missing",
        },
      );
    }
  });
});

describe("the rest of [bootc]", () => {
  test("is in the plan", async () => {
    const plan = await planned([
      "[bootc]",
      'backend = "ostree"',
      "layer_budget = 40",
      'compression = "gzip"',
      'home = "mounts"',
      "[bootc.var]",
      '"/var/lib/app" = "seed"',
    ]);

    expect(plan.layers).toEqual({ budget: 40, compression: "gzip" });
    expect(plan.layout).toEqual({ home: "mounts", local: "state" });
    expect(plan.var).toEqual({ "/var/lib/app": "seed" });
  });

  test.each([
    ["layer_budget = 3", "layer_budget"],
    ["layer_budget = 128", "layer_budget"],
    ['compression = "xz"', "compression"],
    ['backend = "btrfs"', "backend"],
    ['var = { "/etc/app" = "seed" }', "expected a path below /var"],
    ['labels = { "a b" = "c" }', "expected a label"],
  ])("is refused with %s", async (line, message) => {
    await expect(planned(["[bootc]", line])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining(message),
    });
  });
});

describe("the architecture", () => {
  test.each([
    ["x86_64", "amd64"],
    ["aarch64", "arm64"],
    ["amd64", "amd64"],
    ["riscv64", "riscv64"],
  ])("%s is Debian's %s, by either key", async (written, name) => {
    expect(architectureOf(await definitionOf([`architecture = "${written}"`]))).toBe(name);
    expect(architectureOf(await definitionOf([`arch = "${written}"`]))).toBe(name);
  });

  test("is nobody's choice when there is none", async () => {
    expect(architectureOf(await definitionOf([]))).toBeNull();
  });

  test("is refused when it is misspelt, or said twice", async () => {
    const misspelt = await definitionOf(['architecture = "amd46"']);
    const twice = await definitionOf(['architecture = "amd64"', 'arch = "arm64"']);

    expect(() => architectureOf(misspelt)).toThrow(
      expect.objectContaining({ code: "unknown-architecture", hint: "Did you mean amd64?" }),
    );
    expect(() => architectureOf(twice)).toThrow(expect.objectContaining({ code: "definition-conflict" }));
  });
});

describe("a command line", () => {
  test("can choose another suite and backend", async () => {
    const definition = await definitionOf([
      'distro = "debian-13"',
      "[bootc]",
      'backend = "ostree"',
      'bootloader = "none"',
    ]);
    const plan = await planOf(override(definition, { suite: "forky", backend: "composefs" }));

    expect(plan.target.suite).toBe("forky");
    expect(plan.boot).toMatchObject({ backend: "composefs", bootloader: "systemd" });
    expect(pathsOf(plan)).toContain("/usr/lib/ostree/prepare-root.conf");
  });

  test("leaves the boot loader alone when it names the backend that is there", async () => {
    const definition = await definitionOf(["[bootc]", 'backend = "ostree"', 'bootloader = "grub"']);

    expect((await planOf(override(definition, { backend: "ostree" }))).boot.bootloader).toBe("grub");
  });

  test("is named when its choice cannot be", async () => {
    const definition = await definitionOf([]);

    await expect(planOf(override(definition, { backend: "composefs" }))).rejects.toMatchObject({
      message: expect.stringMatching(/^--backend composefs: /),
    });
    await expect(planOf(override(definition, { suite: "forki" }))).rejects.toMatchObject({
      message: "--dist forki: forki is not a suite debkiln knows",
      hint: "Did you mean forky?",
    });
  });
});

function quadlet(name: string, data: string): string[] {
  return [
    "[[customizations.files]]",
    `path = "/usr/share/containers/systemd/${name}"`,
    `data = """${data}"""`,
  ];
}

function bound(...images: readonly string[]): string[] {
  return ["[bootc]", 'backend = "ostree"', `bound_images = ${JSON.stringify(images)}`];
}

async function planOf(definition: Definition) {
  const inputs = await readInputs(definition, new AbortController().signal);
  return planImage(definition, inputs, { architecture: "amd64", fallback: {} });
}
