import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { text, buffer } from "node:stream/consumers";
import { PassThrough, Readable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import type { BuildImageOptions, Engine } from "../../src/engine/engine.ts";
import { labelChange } from "../../src/engine/quirks.ts";
import { describeEngines } from "./engines.ts";
import { createContainer, importTestImage, openEngine, rootfs, tarOf, uniqueName } from "./test-image.ts";

describeEngines("Engine's images", (tested) => {
  let engine: Engine;
  let base: string;

  beforeAll(async () => {
    const place = await openEngine(tested);
    ({ engine, image: base } = place);
    return () => place[Symbol.asyncDispose]();
  });

  test("import records labels, command and one layer", async () => {
    const key = uniqueName();

    const image = await importTestImage(engine, {
      changes: [
        labelChange("com.example.key", key),
        labelChange("com.example.text", "two words: {a=b}"),
        'CMD ["sh"]',
      ],
    });
    const found = await engine.images({ "com.example.key": key, "com.example.text": "" });
    const removed = await engine.removeImage(image.reference);

    expect(image.references).toEqual([image.reference]);
    expect(image.labels).toEqual({ "com.example.key": key, "com.example.text": "two words: {a=b}" });
    expect(image.layers).toBe(1);
    expect(image.sizeBytes).toBeGreaterThan(1_000_000);
    expect(found.map(({ id }) => id)).toEqual([image.id]);
    expect(removed).toBe(true);
    expect(await engine.image(image.reference)).toBeNull();
  });

  test.for(["arm64", "armhf", "i386", "riscv64"])(
    "import records %s, and create refuses it as ours",
    async (architecture) => {
      const changes = [labelChange("com.example.kept", "yes")];

      const image = await importTestImage(engine, { changes, architecture });
      const creating = createContainer(engine, image.reference);

      await expect(creating).rejects.toMatchObject({ fault: "infrastructure", code: "wrong-architecture" });
      expect(image.architecture).toBe(architecture);
      expect(image.labels).toEqual({ "com.example.kept": "yes" });
      expect(await engine.removeImage(image.reference)).toBe(true);
      expect(await engine.image(image.id)).toBeNull();
    },
  );

  test("import fails with a stream that is no tar", async () => {
    const reference = `localhost/${uniqueName()}:broken`;
    const { architecture } = await engine.about();

    const importing = engine.import(Readable.from([Buffer.alloc(100_000, "x")]), reference, {
      changes: [],
      architecture,
    });

    await expect(importing).rejects.toMatchObject({ fault: "infrastructure", code: "image-import-failed" });
    expect(await engine.image(reference)).toBeNull();
  });

  // Where podman's service runs on this machine: its docker-like call would leave a tar of the image's size each time.
  test("import leaves nothing in the engine's temporary files", async () => {
    const before = await readdir("/var/tmp");

    const image = await importTestImage(engine);
    await engine.removeImage(image.reference);

    const left = (await readdir("/var/tmp")).filter((name) => !before.includes(name));
    expect(left.filter((name) => name.startsWith("api_load.tar"))).toEqual([]);
  });

  test("tag gives a second reference, which is removed alone", async () => {
    const image = await importTestImage(engine);
    const second = `localhost/${uniqueName()}:second`;

    await engine.tag(image.reference, second);
    const both = await engine.image(image.id);
    const removed = await engine.removeImage(image.reference);
    const left = await engine.image(second);

    expect(both?.references.toSorted()).toEqual([image.reference, second].toSorted());
    expect(removed).toBe(true);
    expect(left?.references).toEqual([second]);
    expect(await engine.removeImage(second)).toBe(true);
    expect(await engine.image(image.id)).toBeNull();
  });

  test("tag says that the image is missing", async () => {
    const tagging = engine.tag("localhost/no-such-image:here", "localhost/other:tag");

    await expect(tagging).rejects.toMatchObject({ code: "image-missing" });
  });

  test("removeImage removes nothing that a container uses, and nothing that is gone", async () => {
    const image = await importTestImage(engine);
    const container = await createContainer(engine, image.reference);

    const whileUsed = await engine.removeImage(image.reference);
    const stillThere = await engine.image(image.reference);
    await container[Symbol.asyncDispose]();
    const after = [await engine.removeImage(image.reference), await engine.removeImage(image.reference)];

    expect(whileUsed).toBe(false);
    expect(stillThere?.id).toBe(image.id);
    expect(after).toEqual([true, false]);
  });

  test("load takes an archive in and gives its references", async () => {
    const reference = `localhost/${uniqueName()}:loaded`;
    const { architecture } = await engine.about();

    const references = await engine.load(await archiveOf(reference, architecture));
    const image = await engine.image(reference);
    await engine.removeImage(reference);

    expect(references).toEqual([reference]);
    expect(image?.labels).toEqual({ loaded: "yes" });
  });

  test("load fails with what is no image archive", async () => {
    const loading = engine.load(tarOf({ "some-file": "content" }));

    await expect(loading).rejects.toMatchObject({ fault: "infrastructure", code: "image-load-failed" });
  });

  test("build makes an image of a context, with arguments, labels and log", async () => {
    const recipe = `FROM ${base}\nARG GREETING\nCOPY file /etc/file\nRUN echo "$GREETING" >/etc/greeting; echo built-it\n`;
    const options = buildOptions({
      arguments: { GREETING: "good day" },
      labels: { "com.example.built": "a b" },
    });
    let log = "";

    const image = await engine.build(tarOf({ "recipes/Containerfile": recipe, file: "copied" }), {
      ...options,
      log: (text) => (log += text),
    });
    const container = await createContainer(engine, options.reference);
    const output = new PassThrough();
    await container.run(["cat", "/etc/greeting", "/etc/file"], { stdout: output });
    output.end();
    await container[Symbol.asyncDispose]();
    await engine.removeImage(options.reference);

    expect(await text(output)).toBe("good day\ncopied");
    expect(image.labels["com.example.built"]).toBe("a b");
    expect(log).toContain("built-it");
  });

  test("a failing build says why and leaves nothing that uses its base", async () => {
    const own = await importTestImage(engine);
    const recipe = `FROM ${own.reference}\nRUN echo it-broke >&2; exit 3\n`;
    let log = "";

    const building = engine.build(tarOf({ "recipes/Containerfile": recipe }), {
      ...buildOptions(),
      log: (text) => (log += text),
    });

    await expect(building).rejects.toMatchObject({ fault: "infrastructure", code: "image-build-failed" });
    await expect(building).rejects.toThrow(/exit status 3|returned a non-zero code: 3/);
    expect(log).toContain("it-broke");
    expect(await engine.removeImage(own.reference)).toBe(true);
  });

  test("pull fails with the registry's or the network's reason", async () => {
    const { architecture } = await engine.about();

    const pulling = engine.pull("127.0.0.1:1/no/such:image", { architecture });

    await expect(pulling).rejects.toMatchObject({ fault: "infrastructure", code: "image-pull-failed" });
  });
});

function buildOptions(options: Partial<BuildImageOptions> = {}): BuildImageOptions {
  return {
    containerfile: "recipes/Containerfile",
    reference: `localhost/${uniqueName()}:built`,
    labels: {},
    arguments: {},
    network: "none",
    ...options,
  };
}

/** A docker archive (image-spec v1.2) of the test image. */
async function archiveOf(reference: string, architecture: string): Promise<Readable> {
  const layer = await buffer(rootfs());
  const diff = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const configuration = {
    architecture,
    os: "linux",
    created: "2026-01-01T00:00:00Z",
    config: { Labels: { loaded: "yes" } },
    rootfs: { type: "layers", diff_ids: [diff] },
    history: [{ created: "2026-01-01T00:00:00Z" }],
  };
  const manifest = [{ Config: "config.json", RepoTags: [reference], Layers: ["layer.tar"] }];
  return tarOf({
    "layer.tar": layer,
    "config.json": JSON.stringify(configuration),
    "manifest.json": JSON.stringify(manifest),
  });
}
