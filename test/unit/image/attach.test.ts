import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { attachFile, readAttachment } from "../../../src/image/attach.ts";
import { pushImage } from "../../../src/image/push.ts";
import { mediaTypes } from "../../../src/oci/image-spec.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { listReferrers } from "../../../src/oci/registry/referrers.ts";
import { Repository } from "../../../src/oci/registry/repository.ts";
import { serveRegistry } from "../../loopback/registry.ts";
import { Memory, addImage, plainAccess } from "../oci/registry/image-fixture.ts";

const quiet = () => new Task(() => {}, []);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-attach-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function file(name: string, content = "{}"): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

test.each([true, false])("a file is attached once (with the referrers API: %s)", async (referrers) => {
  await using registry = await serveRegistry({ referrers });
  const access = plainAccess();
  const source = new Memory();
  const image = addImage(source);
  const to = parseReference(`${registry.host}/a/b:t`);
  await pushImage({ source, image, to, moved: "refuse" }, access, quiet());
  const artifact = await readAttachment(await file("server.spdx.json"), undefined);
  const attach = () => attachFile(to, artifact, null, access, quiet());

  const [first, again] = [await attach(), await attach()];

  expect(first).toMatchObject({ type: "application/spdx+json", outcome: "attached" });
  expect(first.reference).toBe(`${registry.host}/a/b@${image.digest}`);
  expect(again).toEqual({ ...first, outcome: "there" });
  const repository = new Repository(to, { access, rights: "pull" });
  const listed = await listReferrers(repository, image.digest);
  expect(listed.map(({ digest, artifactType }) => [digest, artifactType])).toEqual([
    [first.digest, "application/spdx+json"],
  ]);
});

test("nothing is attached to an image that is not there", async () => {
  await using registry = await serveRegistry();
  const artifact = await readAttachment(await file("a.cdx.json"), undefined);

  await expect(
    attachFile(parseReference(`${registry.host}/a/b:t`), artifact, null, plainAccess(), quiet()),
  ).rejects.toMatchObject({ code: "image-not-found" });
});

test("nothing is attached to the image of another architecture than the one that is meant", async () => {
  await using registry = await serveRegistry();
  const source = new Memory();
  const layer = source.add(mediaTypes.layer, "a tar");
  const rootfs = { type: "layers", diff_ids: [layer.digest] };
  const config = source.add(
    mediaTypes.config,
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs }),
  );
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  const image = source.add(mediaTypes.manifest, JSON.stringify(manifest));
  const to = parseReference(`${registry.host}/a/b:t`);
  await pushImage({ source, image, to, moved: "refuse" }, plainAccess(), quiet());
  const artifact = await readAttachment(await file("a.cdx.json"), undefined);
  const attach = (architecture: string) => attachFile(to, artifact, { architecture }, plainAccess(), quiet());

  await expect(attach("arm64")).rejects.toMatchObject({ code: "no-such-platform" });
  expect(await attach("amd64")).toMatchObject({ outcome: "attached" });
});

describe("what is attached", () => {
  test("is of the type that is named, and has the file's name", async () => {
    const path = await file("report.json", "[]");

    expect(await readAttachment(path, "application/sarif+json")).toMatchObject({
      artifactType: "application/sarif+json",
      contents: [
        { bytes: Buffer.from("[]"), annotations: { "org.opencontainers.image.title": "report.json" } },
      ],
    });
  });

  test.each([
    ["report.json", undefined, "{}", "its name says no type"],
    ["report.json", "json", "{}", '"json" is no media type'],
    ["a.spdx.json", undefined, "", "there is nothing in it"],
  ])("%s as %s is refused", async (name, type, content, reason) => {
    await expect(readAttachment(await file(name, content), type)).rejects.toMatchObject({
      fault: "usage",
      code: "bad-attachment",
      message: expect.stringContaining(reason),
    });
  });

  test("is refused when it is too large, no file or not there", async () => {
    const large = await file("large.spdx.json");
    await truncate(large, 65 * 1024 * 1024);

    for (const path of [large, join(directory, "none.spdx.json")]) {
      await expect(readAttachment(path, undefined)).rejects.toMatchObject({ code: "bad-attachment" });
    }
    await expect(readAttachment(directory, "text/plain")).rejects.toThrow(/it is no file/);
  });
});
