import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { readDirectory } from "../../../src/image/tree/read-directory.ts";
import { treeOfImage } from "../../../src/image/tree/read-layers.ts";
import type { Tree } from "../../../src/image/tree/tree.ts";
import { imageOf } from "../../../src/oci/layout-image.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { readImage } from "../../../src/oci/read-image.ts";
import { essence } from "../../unit/image/tree/essence.ts";
import { connect } from "../../engine/engines.ts";
import { mainEngine } from "../engine.ts";
import { removal } from "../kiln.ts";
import { customized, hash, layCustomized } from "./definition.ts";
import { type TakenImage, takeImage } from "./take-image.ts";
import { kilnFor } from "../opened.ts";

describe("an image with customizations", () => {
  const kiln = kilnFor("all tests", mainEngine);
  let image: TakenImage;
  beforeAll(async () => {
    const file = await layCustomized(kiln);
    const { exitCode, stderr } = await kiln.run(
      "image",
      "build",
      file,
      "--arch",
      "amd64",
      "--write-lock",
      "lock.json",
    );
    if (exitCode !== 0) throw new Error(stderr.slice(-2000));
    image = await takeImage(join(kiln.directory, "customized.oci"));
  }, 900_000);
  afterAll(() => image[Symbol.asyncDispose]());
  const inside = (script: string) => image.inside("sh", "-c", script);

  test("has its accounts, with their passwords and groups", async () => {
    expect(await inside("getent passwd admin; getent group sudo; getent shadow admin")).toMatch(
      /^admin:x:1000:1000::\/home\/admin:\/bin\/bash\nsudo:x:27:admin\nadmin:\$y\$/,
    );
    expect(await inside("getent shadow admin")).toContain(`admin:${hash}:`);
  });

  test("has its files, with their owners and modes", async () => {
    expect(await inside("stat --format '%A %U:%G' /etc/app/secret; readlink /etc/localtime")).toBe(
      "-rw-r----- root:admin\n../usr/share/zoneinfo/Europe/Berlin",
    );
  });

  test("was installed without an initramfs for each package that asks for one", async () => {
    const seen = await inside("cat /etc/seen");

    expect(seen).toContain("vmlinuz-");
    expect(seen).not.toContain("initrd");
    expect(seen).toMatch(/\/var\/lib\/dracut:\nuid=1000\(admin\)/);
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot)(
    "is put together by podman (needs root, to see its mounts) to the very root filesystem that its layers describe",
    async () => {
      const { signal } = new AbortController();
      const layout = await openLayout(join(kiln.directory, "customized.oci"));
      const read = await readImage(layout, await imageOf(layout, null));
      const scratch = await mkdtemp(join(kiln.directory, "layers-"));
      const described = await treeOfImage(layout, read, scratch, signal);

      const { tree, hasXattrs } = await readDirectory(await image.root(), new Task(() => {}, []), signal);

      expect(hasXattrs).toBe(true);
      expect(tree.get("usr/bin/sudo")?.mode).toBe(0o4755);
      // As texts: to show how tens of thousands of objects differ would take for ever.
      const [texts, expected] = await Promise.all([tree, described].map(textsOf));
      expect(texts?.filter((text, at) => text !== expected?.[at]).slice(0, 10)).toEqual([]);
      expect(texts).toHaveLength(expected?.length ?? 0);
    },
  );

  test("is the same by its lock, and no archive is asked", async () => {
    const file = join(kiln.directory, "locked.toml");
    const nowhere = "http://mirror.invalid/debian";
    const further = '[[packages]]\nname = "less"\n[debian]\nlock = "lock.json"';
    await writeFile(file, customized.replace("[debian]", further));

    const ended = await kiln.run("image", "build", file, "--arch", "amd64", "--mirror", nowhere);

    expect(ended.stderr).toContain("warning: The lock has no package less, which the definition names");
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("; unchanged") });
  });

  test.each(["run", "containerfile"])(
    "is not made when a step fails, and nothing is left: %s",
    async (kind) => {
      const file = join(kiln.directory, "broken.toml");
      const command = "echo it will not do >&2; exit 7";
      await writeFile(join(kiln.directory, "Containerfile"), `RUN ${command}\n`);
      const step = kind === "run" ? `run = "${command}"` : 'containerfile = "Containerfile"';
      await writeFile(file, customized.replace(/^run = .*$/m, step).replace("customized", "broken"));

      const ended = await kiln.run("image", "build", file, "--arch", "amd64", "--write-lock", "broken.lock");

      expect(ended.exitCode).toBe(3);
      expect(ended.stderr).toMatch(
        /error: The step "see what is there" ended with exit code 7: .*\nhint: Its output/,
      );
      expect(ended.stderr).toContain("it will not do");
      expect((await readdir(kiln.directory)).filter((name) => /broken(?!\.toml)/.test(name))).toEqual([]);
      await expect.poll(() => kiln.containers(), removal).toEqual([]);
      await using engine = await connect(mainEngine);
      const between = (await engine.images({ "debkiln.run": "" }))
        .flatMap(({ references }) => references)
        .filter((name) => /debkiln\/step:/.test(name));
      expect(between).toEqual([]);
    },
  );
});

/** Of all but the root directory: podman gives it 0555 in every image, whatever the layers say. */
async function textsOf(tree: Tree): Promise<readonly string[]> {
  const below = new Map([...tree].filter(([path]) => path !== "."));
  return (await essence(below)).map((entry) => JSON.stringify(entry));
}
