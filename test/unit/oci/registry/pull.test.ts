import { describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { copyImage } from "../../../../src/oci/copy-image.ts";
import { readGraph } from "../../../../src/oci/image-graph.ts";
import { parseReference } from "../../../../src/oci/reference.ts";
import { Repository } from "../../../../src/oci/registry/repository.ts";
import { type RegistryOptions, serveRegistry } from "../../../loopback/registry.ts";
import { addImage, addIndex, Memory, plainAccess } from "./image-fixture.ts";

const MiB = 1024 * 1024;

/** A registry with an index of one image, whose layer has so many bytes. */
async function place(layerBytes: number, options: RegistryOptions = {}) {
  const registry = await serveRegistry(options);
  const there = new Memory();
  const index = addIndex(there, [addImage(there, layerBytes)]);
  for (const [digest, bytes] of there.contents) {
    const type = /"mediaType":"(application\/vnd.oci.image.[^"]*)"/.exec(
      bytes.toString("latin1", 0, 200),
    )?.[1];
    if (type === undefined) registry.blobs.set(`a/b ${digest}`, bytes);
    else registry.manifests.set(`a/b ${digest}`, { type, bytes });
  }
  const access = plainAccess();
  const source = new Repository(parseReference(`${registry.host}/a/b`), { access, rights: "pull" });
  const here = new Memory();
  return {
    registry,
    access,
    there,
    here,
    pull: async () => {
      const graph = await readGraph(source, index);
      await copyImage(source, here, graph, new Task(() => {}, []), access.signal);
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

describe("a pull", () => {
  test("brings the same bytes, and again nothing that is there", async () => {
    await using at = await place(MiB);

    await at.pull();
    const first = at.registry.requests().filter((each) => each.includes("/blobs/")).length;
    await at.pull();

    expect(at.here.contents).toEqual(at.there.contents);
    expect([first, at.registry.requests().filter((each) => each.includes("/blobs/")).length]).toEqual([2, 2]);
  });

  test("goes on where the connection broke off", async () => {
    await using at = await place(3 * MiB, {
      fault: ({ method, url }, time) =>
        method === "GET" && url.pathname.includes("/blobs/") && time < 4 ? { cutAfter: 700_000 } : null,
    });

    await at.pull();

    expect(at.here.contents).toEqual(at.there.contents);
    const ranges = at.registry.asked.flatMap(({ headers }) => headers.range ?? []);
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges.every((range) => /^bytes=[1-9]\d*-$/.test(range))).toBe(true);
  });

  test("is given up when the connection always breaks off at once", async () => {
    await using at = await place(MiB, {
      fault: ({ method, url }) =>
        method === "GET" && url.pathname.includes("/blobs/") ? { cutAfter: 0 } : null,
    });

    await expect(at.pull()).rejects.toMatchObject({ fault: "infrastructure", code: "registry-unreachable" });
    expect(at.here.contents.size).toBe(0);
  });

  test.each(["blobs", "manifests"])("of %s with other bytes is refused", async (kind) => {
    await using at = await place(1000, {
      fault: ({ method, url }) =>
        method === "GET" && url.pathname.includes(`/${kind}/`) ? { instead: Buffer.alloc(1000, "x") } : null,
    });

    await expect(at.pull()).rejects.toMatchObject({ code: "wrong-digest" });
    expect([...at.here.contents.values()].every((bytes) => !bytes.includes("xxxx"))).toBe(true);
  });

  test("of a blob that does not end is refused as soon as it is too long", async () => {
    await using at = await place(1000, {
      fault: ({ method, url }) =>
        method === "GET" && url.pathname.includes("/blobs/") ? { instead: Buffer.alloc(8 * MiB) } : null,
    });

    await expect(at.pull()).rejects.toMatchObject({ code: "wrong-digest" });
  });

  test.each([
    ["no JSON", "nonsense"],
    ["another form", '{"schemaVersion":2,"config":{},"layers":"none"}'],
    [
      "another type",
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    ],
  ])("of a manifest that is %s is refused", async (_, content) => {
    const memory = new Memory();
    const image = memory.add("application/vnd.oci.image.manifest.v1+json", content);

    await expect(readGraph(memory, image)).rejects.toMatchObject({ code: "bad-manifest" });
  });
});
