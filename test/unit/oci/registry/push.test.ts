import { describe, expect, test } from "vitest";
import { Task } from "../../../../src/base/event.ts";
import { interrupted } from "../../../../src/base/failure.ts";
import { pushImage, tagsBefore } from "../../../../src/image/push.ts";
import type { Descriptor } from "../../../../src/oci/image-spec.ts";
import { parseReference } from "../../../../src/oci/reference.ts";
import type { RegistryAccess } from "../../../../src/oci/registry/connection.ts";
import { type Fault, type RegistryOptions, serveRegistry } from "../../../loopback/registry.ts";
import { addImage, addIndex, Memory, plainAccess } from "./image-fixture.ts";

const quiet = () => new Task(() => {}, []);
const MiB = 1024 * 1024;

async function place(options: RegistryOptions = {}) {
  const registry = await serveRegistry(options);
  const memory = new Memory();
  const access = plainAccess();
  return {
    registry,
    memory,
    access,
    push: (
      image: Descriptor,
      given: Partial<Parameters<typeof pushImage>[0]> = {},
      by: RegistryAccess = access,
    ) =>
      pushImage(
        { source: memory, image, to: parseReference(`${registry.host}/a/b:t`), moved: "refuse", ...given },
        by,
        quiet(),
      ),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

describe("a push", () => {
  test("sends blobs, then manifests by digest, the index, and tags last", async () => {
    await using at = await place();
    const index = addIndex(at.memory, [addImage(at.memory, 10, "x"), addImage(at.memory, 10, "y")]);

    const pushed = await at.push(index, { tags: ["u"] });

    const puts = at.registry.requests().filter((each) => each.startsWith("PUT"));
    expect(puts.slice(0, 4).every((each) => each.includes("/blobs/uploads/"))).toBe(true);
    expect(puts.slice(4).map((each) => each.replace(/sha256:.{58}/, "sha256:"))).toEqual([
      expect.stringMatching(/manifests\/sha256:/),
      expect.stringMatching(/manifests\/sha256:/),
      `PUT /v2/a/b/manifests/sha256:${index.digest.slice(-6)}`,
      "PUT /v2/a/b/manifests/t",
      "PUT /v2/a/b/manifests/u",
    ]);
    expect(pushed).toMatchObject({ digest: index.digest, tags: ["t", "u"], blobs: 4 });
  });

  test("sends only what is not there, and nothing when the tags lead there", async () => {
    await using at = await place();
    await at.push(addImage(at.memory, 1000, "same"));
    const layers = at.registry.blobs.size;
    const second = addIndex(at.memory, [addImage(at.memory, 1000, "same")]);

    const other = await at.push(second);
    at.registry.asked.length = 0;
    const again = await at.push(second);

    expect([other.blobs, at.registry.blobs.size]).toEqual([0, layers]);
    expect([again.blobs, at.registry.requests()]).toEqual([0, ["HEAD /v2/a/b/manifests/t"]]);
  });

  test("mounts what another repository of the registry has", async () => {
    await using at = await place();
    const image = addImage(at.memory);
    await at.push(image, { to: parseReference(`${at.registry.host}/base:t`) });
    at.memory.opened.length = 0;

    await at.push(image, { mountFrom: ["none", "base", "a/b"] });

    expect(at.memory.opened).toEqual([]);
    expect(at.registry.blobs.size).toBe(4);
  });

  test("uploads when mounting is refused", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "POST" && url.searchParams.has("mount") ? { status: 403 } : null,
    });

    await at.push(addImage(at.memory), { mountFrom: ["base"] });

    expect(at.registry.blobs.size).toBe(2);
  });

  test("of a large blob goes in chunks", async () => {
    await using at = await place();
    const image = addImage(at.memory, 70 * MiB);

    await at.push(image);

    const ranges = at.registry.asked.flatMap(({ headers }) => headers["content-range"] ?? []);
    expect(ranges).toEqual([`0-${64 * MiB - 1}`, `${64 * MiB}-${70 * MiB - 1}`]);
  });

  test("that breaks off in a chunk goes on where it broke off", async () => {
    await using at = await place({
      fault: ({ method }, time) => (method === "PATCH" && time === 1 ? { cutAfter: 5 * MiB } : null),
    });

    await at.push(addImage(at.memory, 20 * MiB));

    expect(at.registry.blobs.size).toBe(2);
    const resumed = at.memory.opened.find((from) => from > 0);
    expect(resumed).toBe(5 * MiB);
    expect(at.access.pauses).toEqual([500]);
  });

  test("begins an upload anew that the registry forgot", async () => {
    let forgot = false;
    await using at = await place({
      fault: ({ method }, time) => {
        if (method === "PATCH" && time === 1 && !forgot) return { cutAfter: 5 * MiB };
        if (method !== "GET" || forgot) return null;
        forgot = true;
        return { status: 404 };
      },
    });

    await at.push(addImage(at.memory, 20 * MiB));

    expect(at.registry.blobs.size).toBe(2);
  });

  test.each([405, 413, 416])(
    "to a registry that answers chunks with %i sends blobs whole",
    async (status) => {
      await using at = await place({ fault: ({ method }) => (method === "PATCH" ? { status } : null) });

      await at.push(addImage(at.memory, 20 * MiB));

      expect(at.registry.blobs.size).toBe(2);
    },
  );

  test("through a proxy that takes no large requests sends chunks", async () => {
    await using at = await place({
      fault: ({ method, headers }) =>
        method === "PUT" && Number(headers["content-length"]) > MiB ? { status: 413 } : null,
    });

    await at.push(addImage(at.memory, 2 * MiB));

    expect(at.registry.blobs.size).toBe(2);
  });

  test("that breaks off in a small blob sends that again", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "PUT" && url.pathname.endsWith("/uploads/1") ? { cutAfter: 500 } : null,
    });

    await at.push(addImage(at.memory, MiB));

    expect(at.registry.blobs.size).toBe(2);
  });

  test("waits as long as the registry asks for", async () => {
    await using at = await place({
      fault: ({ method }, time) =>
        method === "HEAD" && time === 1 ? { status: 429, headers: { "retry-after": "7" } } : null,
    });

    await at.push(addImage(at.memory));

    expect(at.access.pauses).toEqual([7000, 7000, 7000]);
  });

  test.each<[string, string, Fault, string]>([
    ["401", "registry-unauthorized", { status: 401 }, "podman login"],
    ["403", "registry-denied", { status: 403 }, "rights"],
    ["404", "image-not-found", { status: 404 }, "name"],
    ["429", "registry-busy", { status: 429 }, "later"],
    ["500", "registry-failed", { status: 500 }, "later"],
    ["507", "registry-full", { status: 507 }, "space"],
    [
      "a full disk",
      "registry-full",
      { status: 500, body: '{"errors":[{"code":"UNKNOWN","detail":{"Err":28}}]}' },
      "space",
    ],
    ["a cut connection", "registry-unreachable", { cutAfter: 10 }, "network"],
  ])("that is answered by %s at the blobs is %s and leaves no manifest", async (_, code, fault, hint) => {
    await using at = await place({
      fault: ({ method, url }) =>
        ["POST", "PUT"].includes(method) &&
        url.pathname.includes("/blobs/uploads/") &&
        (method === "PUT" || "status" in fault)
          ? fault
          : null,
    });

    const pushing = at.push(addImage(at.memory, MiB));

    await expect(pushing).rejects.toMatchObject({
      fault: "infrastructure",
      code,
      hint: expect.stringContaining(hint),
    });
    expect([...at.registry.manifests.keys()]).toEqual([]);
  });

  test("that fails at the index leaves no tag", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "PUT" && url.pathname.endsWith(index.digest) ? { status: 400 } : null,
    });
    const index = addIndex(at.memory, [addImage(at.memory)]);

    await expect(at.push(index)).rejects.toMatchObject({ code: "registry-failed" });

    expect([...at.registry.manifests.keys()].filter((key) => !key.includes("sha256:"))).toEqual([]);
  });

  test("is refused when the registry says that it got something else", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "PUT" && url.pathname.includes("/manifests/")
          ? { status: 201, headers: { "docker-content-digest": `sha256:${"0".repeat(64)}` } }
          : null,
    });

    await expect(at.push(addImage(at.memory))).rejects.toMatchObject({ code: "wrong-digest" });
  });

  test("to something that answers everything with a page fails, whatever it says of blobs", async () => {
    await using at = await place({ fault: () => ({ status: 200, body: "<html>" }) });

    await expect(at.push(addImage(at.memory))).rejects.toMatchObject({ code: "bad-registry-answer" });
  });

  test("of a damaged blob is refused", async () => {
    await using at = await place();
    const image = addImage(at.memory, 20 * MiB);
    const [digest = image.digest] = at.memory.contents.keys();
    at.memory.contents.set(digest, Buffer.alloc(20 * MiB, "altered"));

    await expect(at.push(image)).rejects.toMatchObject({ code: "wrong-digest" });
    expect([...at.registry.manifests.keys()]).toEqual([]);
  });

  test("of a blob that is shorter than it should be is refused", async () => {
    await using at = await place();
    const image = addImage(at.memory, 20 * MiB);
    const [digest = image.digest] = at.memory.contents.keys();
    at.memory.contents.set(digest, Buffer.alloc(MiB, "layer"));

    await expect(at.push(image)).rejects.toMatchObject({ code: "wrong-digest" });
  });

  test("does not change a tag that somebody moved meanwhile, unless told to", async () => {
    await using at = await place({
      fault: ({ method, url }, time) => {
        if (method !== "HEAD" || !url.pathname.endsWith("/manifests/t") || time % 2 === 1) return null;
        return { status: 200, headers: { "docker-content-digest": `sha256:${String(time).repeat(64)}` } };
      },
    });
    const image = addImage(at.memory);

    await expect(at.push(image)).rejects.toMatchObject({ fault: "usage", code: "tag-moved" });
    const tags = () => [...at.registry.manifests.keys()].filter((key) => key.endsWith(" t"));
    const before = tags();
    await at.push(image, { moved: "overwrite" });

    expect([before, tags()]).toEqual([[], ["a/b t"]]);
  });

  test("compares with where the tag led when the image was begun", async () => {
    await using at = await place();
    const first = addImage(at.memory, 10, "first");
    await at.push(first);

    const pushing = at.push(addImage(at.memory, 10, "second"), { before: new Map([["t", null]]) });

    await expect(pushing).rejects.toMatchObject({ code: "tag-moved" });
  });

  test("knows beforehand where its tags lead", async () => {
    await using at = await place();
    const image = addImage(at.memory);
    await at.push(image);
    const to = parseReference(`${at.registry.host}/a/b:t`);

    const before = await tagsBefore({ to, tags: ["u"] }, at.access);

    expect([...before]).toEqual([
      ["t", image.digest],
      ["u", null],
    ]);
    await at.push(addImage(at.memory, 10, "next"), { before, tags: ["u"] });
    await expect(at.push(addImage(at.memory, 10, "late"), { before })).rejects.toMatchObject({
      code: "tag-moved",
    });
  });

  test("ends with its signal", async () => {
    const stop = new AbortController();
    await using at = await place({
      fault: ({ method }) => {
        if (method === "PATCH") stop.abort(interrupted("a test"));
        return null;
      },
    });

    const pushing = at.push(addImage(at.memory, 20 * MiB), {}, plainAccess({ signal: stop.signal }));

    await expect(pushing).rejects.toThrow("a test");
    expect([...at.registry.manifests.keys()]).toEqual([]);
  });
});
