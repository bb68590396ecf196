import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mainEngine } from "./engine.ts";
import type { Ended } from "./kiln.ts";
import { kilnFor } from "./opened.ts";

const directory = fileURLToPath(new URL("../../images", import.meta.url));
const shipped = readdirSync(directory).filter((name) => name.endsWith(".toml"));

const Checked = z.looseObject({
  boot: z.looseObject({ kernel: z.string(), backend: z.string() }),
  packages: z.looseObject({ resolved: z.array(z.looseObject({ name: z.string() })) }),
});

describe(`image definitions on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  test.each(shipped)("the packages of %s are in the archive", async (name) => {
    const ended = await kiln.run(
      "image",
      "check",
      "--resolve",
      "--json",
      "--arch",
      "amd64",
      join(directory, name),
    );

    expect(ended).toMatchObject({ exitCode: 0 });
    const { boot, packages } = checked(ended);
    const kernels = packages.resolved.filter(({ name }) => /^linux-image-\d/.test(name));
    expect(kernels).toHaveLength(1);
    expect(packages.resolved.map((each) => each.name)).toContain(boot.kernel);
  });

  test("the server's are in the next release, too, whose backend is another", async () => {
    // Testing's security indices may be out of date, since hardly anything comes there.
    const words = ["image", "check", "--resolve", "--json", "--no-check-valid-until", "--arch", "amd64"];
    const ended = await kiln.run(
      ...words,
      "--dist",
      "forky",
      "--backend",
      "composefs",
      join(directory, "server.toml"),
    );

    expect(ended).toMatchObject({ exitCode: 0 });
    const { boot, packages } = checked(ended);
    expect(boot.backend).toBe("composefs");
    expect(packages.resolved.map((each) => each.name)).toEqual(
      expect.arrayContaining(["libcomposefs1", "systemd-boot"]),
    );
  });

  test("a package that the archive does not have is named, with the nearest that it has", async () => {
    const file = join(kiln.directory, "image.toml");
    await writeFile(file, 'name = "x"\n[[packages]]\nname = "openssh-sever"\n[bootc]\nbackend = "ostree"\n');

    const ended = await kiln.run("image", "check", "--resolve", file);

    expect(ended).toMatchObject({ exitCode: 4 });
    expect(ended.stderr).toContain("openssh-sever");
    expect(ended.stderr).toContain("Did you mean openssh-server");
  });

  test("a mistake is shown at its line, and no engine is asked", async () => {
    const file = join(kiln.directory, "image.toml");
    await writeFile(file, 'name = "x"\n\n[[packages]]\nnmae = "vim"\n');

    const ended = await kiln.run("image", "check", "--engine", "unix:///nonexistent", file);

    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toBe(
      `error: ${file}:4: an image's definition has no key packages[].nmae\nhint: Did you mean packages[].name?`,
    );
  });
});

function checked({ stdout }: Ended): z.infer<typeof Checked> {
  const events = stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  return z.looseObject({ result: Checked }).parse(events.at(-1)).result;
}
