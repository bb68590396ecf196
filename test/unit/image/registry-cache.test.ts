import { describe, expect, test } from "vitest";
import { type Event, Task } from "../../../src/base/event.ts";
import type { Offer } from "../../../src/environment/remote/remote-cache.ts";
import { pushImage } from "../../../src/image/push.ts";
import { RegistryCache, type RegistryCacheOptions } from "../../../src/image/registry-cache.ts";
import { signatureForms, signing } from "../../../src/image/sign.ts";
import { digestOf } from "../../../src/base/digest.ts";
import { mediaTypes } from "../../../src/oci/image-spec.ts";
import { type Reference, formatReference, parseReference } from "../../../src/oci/reference.ts";
import { generateKeyPair, readSigningKey } from "../../../src/oci/signature/key.ts";
import { serveRegistry } from "../../loopback/registry.ts";
import { Memory, plainAccess } from "../oci/registry/image-fixture.ts";

const newKey = () => readSigningKey(generateKeyPair(null).privatePem, null, "key");
const theKey = newKey();
const tar = Buffer.from("a base's tar");

/** An image of a base, under the tag `base-1` of a registry of its own. */
async function place(signedBy: ReturnType<typeof newKey> | null = theKey) {
  const registry = await serveRegistry();
  const source = new Memory();
  const layer = source.add(mediaTypes.layer, tar);
  const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
  const config = source.add(
    mediaTypes.config,
    JSON.stringify({ architecture: "amd64", os: "linux", rootfs }),
  );
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  const image = source.add(mediaTypes.manifest, JSON.stringify(manifest));
  const repository = parseReference(`${registry.host}/team/cache`);
  const access = plainAccess();
  const accompany = signedBy === null ? [] : [signing(signedBy, signatureForms)];
  const to = { ...repository, tag: "base-1" };
  await pushImage({ source, image, to, moved: "refuse", accompany }, access, new Task(() => {}, []));
  return {
    registry,
    repository,
    image,
    access,
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

function cacheOf(options: Partial<RegistryCacheOptions>) {
  const events: Event[] = [];
  const cache = new RegistryCache({
    taking: null,
    leaving: null,
    access: plainAccess(),
    connect: () => Promise.reject(new Error("no engine is needed")),
    scratch: () => Promise.reject(new Error("no directory is needed")),
    ...options,
  });
  const task = new Task((event) => events.push(event), []);
  return {
    cache,
    task,
    offers: async (tag: string) => {
      const found: Offer[] = [];
      for await (const offer of cache.offers(tag, task)) found.push(offer);
      return found;
    },
    warnings: () => events.flatMap((event) => (event.type === "warning" ? [event.message] : [])),
  };
}

const taking = (...from: readonly Reference[]) => ({ taking: { from, key: theKey.publicKey } });

describe("RegistryCache", () => {
  test("offers what lies under a tag, by digest and with its tar, from one repository after the other", async () => {
    await using at = await place();
    const empty = { ...at.repository, repository: "team/empty" };
    const { offers, warnings } = cacheOf(taking(empty, at.repository));

    const [found, ...others] = await offers("base-1");

    expect(others).toEqual([]);
    expect(found?.origin).toBe(`${formatReference(at.repository)}@${at.image.digest}`);
    expect(Buffer.concat((await found?.rootfs().toArray()) ?? [])).toEqual(tar);
    expect(await offers("base-2")).toEqual([]);
    expect(warnings()).toEqual([]);
  });

  test("takes nothing without the signature that is asked for, and says so", async () => {
    const key = newKey();
    await using signed = await place(key);
    await using unsigned = await place(null);
    const from = [unsigned.repository, signed.repository];
    const both = cacheOf({ taking: { from, key: key.publicKey } });
    const others = cacheOf({ taking: { from, key: newKey().publicKey } });

    const found = await both.offers("base-1");
    const none = await others.offers("base-1");

    expect(found.map(({ origin }) => origin)).toEqual([
      `${formatReference(signed.repository)}@${signed.image.digest}`,
    ]);
    expect(none).toEqual([]);
    const name = (at: typeof signed) => `${formatReference(at.repository)}:base-1 is passed over`;
    expect(both.warnings()).toEqual([expect.stringMatching(`^${name(unsigned)}: .* is not signed$`)]);
    expect(others.warnings()).toEqual([
      expect.stringMatching(`^${name(unsigned)}: .* is not signed$`),
      expect.stringMatching(`^${name(signed)}: .* is signed, but not by this key$`),
    ]);
  });

  test("asks a registry that does not answer once, and goes on with the next", async () => {
    await using at = await place();
    const gone = await place();
    await gone[Symbol.asyncDispose]();
    const { offers, warnings } = cacheOf(taking(gone.repository, at.repository));

    const found = [...(await offers("base-1")), ...(await offers("base-1"))];

    expect(found).toHaveLength(2);
    expect(warnings()).toEqual([expect.stringMatching(/^Nothing comes from it: .*no connection to/)]);
  });

  test("pushes nothing where something is, and makes no more of a push that fails than a warning", async () => {
    await using at = await place();
    const there = cacheOf({ leaving: { to: at.repository, key: theKey } });
    const gone = await place();
    await gone[Symbol.asyncDispose]();
    const failing = cacheOf({ leaving: { to: gone.repository, key: theKey } });
    for (const { cache } of [there, failing])
      for (const tag of ["base-1", "base-1"])
        cache.contribute({ tag, reference: "localhost/debkiln/base:1", labels: () => ({}) });

    await there.cache.pushContributions(there.task);
    await failing.cache.pushContributions(failing.task);

    expect(there.warnings()).toEqual([]);
    expect(failing.warnings()).toEqual([expect.stringMatching(/^Not pushed to .*:base-1: /)]);
  });

  test("ends with the signal, as all that a command does", async () => {
    await using at = await place();
    const stop = new AbortController();
    const { offers } = cacheOf({
      ...taking(at.repository),
      access: plainAccess({ signal: stop.signal }),
    });
    stop.abort();

    await expect(offers("base-1")).rejects.toMatchObject({ fault: "interrupted" });
  });
});
