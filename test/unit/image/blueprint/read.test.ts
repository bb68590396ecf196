import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readBlueprint } from "../../../../src/image/blueprint/read.ts";
import { refusals } from "../../../../src/image/blueprint/refusals.ts";

describe("readBlueprint", () => {
  test("fills in defaults", async () => {
    const { blueprint } = await read(['name = "server"', "[[packages]]", 'name = "vim"']);

    expect(blueprint).toMatchObject({
      name: "server",
      version: "0.0.0",
      packages: [{ name: "vim", version: "*" }],
      customizations: { kernel: { append: "" }, user: [] },
      debian: { variant: "apt", recommends: false },
      bootc: {
        backend: "composefs",
        layer_budget: 96,
        compression: "zstd",
        install: { filesystem: { root: { type: "ext4" } } },
      },
    });
  });

  test("means relative paths from the definition's directory", async () => {
    const { blueprint, directory } = await read([
      'name = "server"',
      "[debian]",
      'debs = ["../out", "/srv/a.deb"]',
      'lock = "server.lock.json"',
      'keyring = "keys/mine.asc"',
      'repositories = ["mine.sources", "Types: deb\\nURIs: https://mirror.example/\\n"]',
      'preferences = ["mine.pref", "Package: *\\nPin: release a=stable\\nPin-Priority: 1\\n"]',
      "[[bootc.steps]]",
      'script = "finish.sh"',
      "[[bootc.steps]]",
      'containerfile = "Containerfile"',
      'context = "files"',
      "[[customizations.files]]",
      'path = "/etc/motd"',
      'uri = "motd"',
      "[[customizations.files]]",
      'path = "/etc/issue"',
      'uri = "file:///srv/issue"',
    ]);

    expect(blueprint.debian).toMatchObject({
      debs: [join(directory, "../out"), "/srv/a.deb"],
      lock: join(directory, "server.lock.json"),
      keyring: join(directory, "keys/mine.asc"),
      repositories: [join(directory, "mine.sources"), "Types: deb\nURIs: https://mirror.example/\n"],
      preferences: [join(directory, "mine.pref"), "Package: *\nPin: release a=stable\nPin-Priority: 1\n"],
    });
    expect(blueprint.bootc.steps).toEqual([
      { script: join(directory, "finish.sh") },
      { containerfile: join(directory, "Containerfile"), context: join(directory, "files") },
    ]);
    expect(blueprint.customizations.files.map(({ uri }) => uri)).toEqual([
      join(directory, "motd"),
      "/srv/issue",
    ]);
  });

  test("names file, line and the nearest right key of an unknown one", async () => {
    const reading = read(['name = "server"', "[[packages]]", 'name = "vim"', "[[packages]]", 'nmae = "x"']);

    await expect(reading).rejects.toMatchObject({
      fault: "usage",
      code: "definition-unknown-key",
      message: expect.stringMatching(/\/image\.toml:5: an image's definition has no key packages\[\]\.nmae$/),
      hint: "Did you mean packages[].name?",
    });
  });

  test("lists the keys of a table when none is near", async () => {
    await expect(read(['name = "x"', "[customizations.kernel]", "command_line = 1"])).rejects.toMatchObject({
      code: "definition-unknown-key",
      hint: "The keys here are: name, append.",
    });
  });

  test("says that a key is missing, and what it is", async () => {
    await expect(read(["[debian]"])).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringMatching(/: name is missing$/),
      hint: "It is: The image's name, as registries take it.",
    });
  });

  test("leaves recommended packages to the one key for them", async () => {
    const lines = ['name = "x"', "[debian]", 'apt_options = ["APT::install-recommends=true"]'];

    await expect(read(lines)).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringContaining("recommends (true or false) says whether"),
    });
  });

  test("does not repeat a password that stands there unhashed", async () => {
    const reading = read(['name = "x"', "[[customizations.user]]", 'name = "admin"', 'password = "geheim"']);

    await expect(reading).rejects.toMatchObject({ message: expect.not.stringContaining("geheim") });
    await expect(reading).rejects.toMatchObject({
      code: "definition-invalid-value",
      message: expect.stringMatching(/:4: customizations\.user\[\]\.password: expected a hash/),
    });
  });

  test("says so when there is no such file, or no TOML in it", async () => {
    await expect(readBlueprint("/nonexistent/image.toml")).rejects.toMatchObject({
      code: "definition-missing",
      message: "There is no image definition /nonexistent/image.toml",
    });
    await expect(read(["name = "])).rejects.toMatchObject({ code: "config-syntax" });
  });

  test.each(refusals)("refuses $key with its reason", async ({ key, reason }) => {
    const [list = "", entryKey] = key.split("[].");
    const parent = list.includes(".") ? ["[customizations]"] : [];
    const name = list.replace("customizations.", "");
    const lines = entryKey === undefined ? [...parent, `${name} = []`] : [`[[${list}]]`, `${entryKey} = []`];

    await expect(read(['name = "x"', ...lines])).rejects.toMatchObject({
      fault: "usage",
      code: "definition-refused-key",
      message: expect.stringMatching(/image\.toml:\d+: /),
      details: { key, reason },
    });
  });
});

async function read(lines: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-blueprint-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, "image.toml");
  await writeFile(file, lines.join("\n"));
  return { ...(await readBlueprint(file)), directory };
}
