import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { type PreviousChoice, previousImage } from "../../../../src/image/build/previous.ts";
import { type Saved, saveImage } from "../../../../src/image/save.ts";
import { makeArtifact } from "../../../../src/oci/artifact.ts";
import { type Descriptor, mediaTypes } from "../../../../src/oci/image-spec.ts";
import { Memory, addIndex, plainAccess } from "../../oci/registry/image-fixture.ts";

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "debkiln-previous-")), "layout");
});
afterEach(() => rm(join(directory, ".."), { recursive: true }));

async function save(saved: Saved): Promise<void> {
  const quiet = new Task(() => {}, []);
  await saveImage(saved, { kind: "layout", directory, name: null }, quiet, new AbortController().signal);
}

/** A whole one of amd64. */
function image(memory: Memory): Descriptor {
  const layer = memory.add(mediaTypes.layer, "a tar");
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = memory.add(
    mediaTypes.config,
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs }),
  );
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  return memory.add(mediaTypes.manifest, JSON.stringify(manifest), {
    platform: { architecture: "amd64", os: "linux" },
  });
}

function before(choice: Partial<PreviousChoice> = {}) {
  const places = [{ kind: "layout", directory, name: null }] as const;
  return previousImage(
    { said: undefined, registry: null, places, architecture: "amd64", ...choice },
    plainAccess(),
  );
}

describe("the image before", () => {
  test("is what is where the new one goes", async () => {
    const memory = new Memory();
    const made = image(memory);
    await save({ source: memory, image: made });

    expect((await before())?.image.descriptor.digest).toBe(made.digest);
    expect((await before({ said: `oci:${directory}`, places: [] }))?.image.descriptor.digest).toBe(
      made.digest,
    );
  });

  test("is none where nothing is yet, or nothing for the architecture", async () => {
    expect(await before()).toBeNull();
    const memory = new Memory();
    await save({ source: memory, image: addIndex(memory, [image(memory)]) });
    expect(await before({ architecture: "riscv64" })).toBeNull();
    await save({ source: memory, image: image(memory) });
    expect(await before({ architecture: "riscv64" })).toBeNull();
  });

  test("must be there when it was named", async () => {
    await expect(before({ said: `oci:${directory}` })).rejects.toMatchObject({
      fault: "usage",
      code: "no-previous-image",
      hint: "Leave --previous out when there is none yet.",
    });
  });

  test("is not something else, which would lose its name to the new one", async () => {
    const memory = new Memory();
    const subject = image(memory);
    const contents = [{ mediaType: "text/plain", bytes: "a signature" }];
    const { root, source } = makeArtifact({ artifactType: "text/plain", contents, annotations: {} }, subject);
    await save({ source, image: root });

    await expect(before()).rejects.toMatchObject({
      fault: "usage",
      code: "bad-image",
      message: expect.stringContaining(
        `What is at oci:${directory} is no image that this one could follow: sha256:`,
      ),
    });
  });
});
