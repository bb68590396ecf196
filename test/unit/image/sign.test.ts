import { describe, expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { attachmentsOf } from "../../../src/image/diff/attachments.ts";
import { pushImage } from "../../../src/image/push.ts";
import { signatureForms, signImage, signing } from "../../../src/image/sign.ts";
import { verifyImage } from "../../../src/image/verify.ts";
import type { Artifact } from "../../../src/oci/artifact.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { attachArtifact, listReferrers } from "../../../src/oci/registry/referrers.ts";
import { Repository } from "../../../src/oci/registry/repository.ts";
import { generateKeyPair, readSigningKey } from "../../../src/oci/signature/key.ts";
import { type RegistryOptions, serveRegistry } from "../../loopback/registry.ts";
import { addImage, addIndex, Memory, plainAccess } from "../oci/registry/image-fixture.ts";

const quiet = () => new Task(() => {}, []);
const newKey = () => readSigningKey(generateKeyPair(null).privatePem, null, "key");

async function place(options: RegistryOptions = {}) {
  const registry = await serveRegistry(options);
  const source = new Memory();
  const images = ["one", "two"].map((seed) => addImage(source, 100, seed));
  const index = addIndex(source, images);
  const access = plainAccess();
  const name = `${registry.host}/a/b`;
  const reference = parseReference(`${name}:t`);
  const push = { source, image: index, to: reference, moved: "refuse" } as const;
  return {
    registry,
    access,
    index,
    images,
    name,
    reference,
    repository: new Repository(reference, { access, rights: "push" }),
    push: (more: Partial<Parameters<typeof pushImage>[0]> = {}) =>
      pushImage({ ...push, ...more }, access, quiet()),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

describe.each([
  ["with the referrers API", true],
  ["without", false],
])("a registry %s", (_, referrers) => {
  test("keeps signatures of an index and its images in both forms, and takes each once", async () => {
    await using at = await place({ referrers });
    await at.push();
    const key = newKey();

    const signed = await signImage(at.reference, key, signatureForms, at.access, quiet());
    const before = at.registry.manifests.size;
    const again = await signImage(at.reference, key, signatureForms, at.access, quiet());
    const verified = await verifyImage(at.reference, key.publicKey, at.access, quiet());

    const digests = [...at.images, at.index].map(({ digest }) => digest);
    expect(signed.manifests).toEqual(digests.map((digest) => ({ digest, added: ["cosign", "bundle"] })));
    expect(again.manifests).toEqual(digests.map((digest) => ({ digest, added: [] })));
    expect(at.registry.manifests.size).toBe(before);
    expect(verified.signatures).toEqual([
      { form: "cosign", reference: `${at.name}:t` },
      { form: "bundle", artifact: expect.stringMatching(/^sha256:/) },
    ]);
  });

  test("keeps the signatures of several keys and names", async () => {
    await using at = await place({ referrers });
    await at.push({ tags: ["u"] });
    const [one, two] = [newKey(), newKey()];

    await signImage(at.reference, one, ["cosign"], at.access, quiet());
    await signImage(at.reference, two, ["cosign"], at.access, quiet());
    await signImage(parseReference(`${at.name}:u`), one, ["cosign"], at.access, quiet());

    for (const { publicKey } of [one, two]) {
      const { signatures } = await verifyImage(at.reference, publicKey, at.access, quiet());
      expect(signatures).toEqual([{ form: "cosign", reference: `${at.name}:t` }]);
    }
    const byDigest = parseReference(`${at.name}@${at.index.digest}`);
    const { signatures } = await verifyImage(byDigest, one.publicKey, at.access, quiet());
    expect(signatures).toHaveLength(2);
  });

  test("lists what is attached, by its type", async () => {
    await using at = await place({ referrers });
    await at.push();
    const attach = (artifactType: string, bytes: string) => {
      const contents = [{ mediaType: artifactType, bytes }];
      const artifact = { artifactType, contents, annotations: { title: bytes } };
      return attachArtifact(at.repository, at.index, artifact, quiet(), at.access.signal);
    };

    const sbom = await attach("application/spdx+json", "sbom");
    const provenance = await attach("application/vnd.in-toto+json", "provenance");
    await attach("application/spdx+json", "sbom");

    const list = (type?: string) => listReferrers(at.repository, at.index.digest, type);
    expect(await list("application/spdx+json")).toEqual([
      expect.objectContaining({ digest: sbom.digest, annotations: { title: "sbom" } }),
    ]);
    expect((await list()).map(({ digest }) => digest).toSorted()).toEqual(
      [sbom.digest, provenance.digest].toSorted(),
    );
    await signImage(at.reference, newKey(), ["cosign"], at.access, quiet());
    const attached = await attachmentsOf(at.repository, at.index.digest);
    expect(attached.map(({ type }) => type)).toEqual([
      null,
      "application/spdx+json",
      "application/vnd.in-toto+json",
    ]);
    expect(attached[1]).toMatchObject({ digest: sbom.digest, annotations: { title: "sbom" } });
    expect(await attachmentsOf(new Memory(), at.index.digest)).toEqual([]);
  });
});

describe("an image", () => {
  test("without a signature, or with one by another key, is not verified", async () => {
    await using at = await place();
    await at.push();

    const verify = () => verifyImage(at.reference, newKey().publicKey, at.access, quiet());
    await expect(verify()).rejects.toMatchObject({ code: "image-unsigned" });
    await signImage(at.reference, newKey(), signatureForms, at.access, quiet());
    await expect(verify()).rejects.toMatchObject({ code: "wrong-signature" });
  });

  test("with a signature for another name is not verified, and the name is told", async () => {
    await using at = await place();
    await at.push({ tags: ["u"] });
    const key = newKey();
    await signImage(parseReference(`${at.name}:u`), key, ["cosign"], at.access, quiet());

    await expect(verifyImage(at.reference, key.publicKey, at.access, quiet())).rejects.toMatchObject({
      code: "wrong-signature",
      message: expect.stringContaining(`${at.name}:u`),
    });
  });

  test("that is signed while it is pushed has its signature before a tag", async () => {
    await using at = await place();
    const key = newKey();

    await at.push({ accompany: [signing(key, signatureForms)] });

    const puts = at.registry
      .requests()
      .filter((each) => each.startsWith("PUT") && each.includes("/manifests/"));
    expect(puts.at(-1)).toBe("PUT /v2/a/b/manifests/t");
    expect(puts.filter((each) => each.endsWith(".sig"))).toHaveLength(3);
    const { signatures } = await verifyImage(at.reference, key.publicKey, at.access, quiet());
    expect(signatures).toHaveLength(2);
  });

  test("whose signing fails gets no tag", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "PUT" && url.pathname.endsWith(".sig") ? { status: 403 } : null,
    });

    await expect(at.push({ accompany: [signing(newKey(), ["cosign"])] })).rejects.toMatchObject({
      code: "registry-denied",
    });
    expect(at.registry.manifests.has("a/b t")).toBe(false);
  });
});

describe("the list of what is attached", () => {
  test("is written again when somebody else wrote it at the same time", async () => {
    let stolen = 0;
    await using at = await place({
      fault: ({ method, url }) => {
        if (method !== "PUT" || !/manifests\/sha256-[^.]*$/.test(url.pathname) || stolen++ > 0) return null;
        // Taken, and at once replaced by another's.
        return { status: 201 };
      },
    });
    await at.push();

    const added = await attachArtifact(at.repository, at.index, artifactOf("x"), quiet(), at.access.signal);

    expect(stolen).toBe(2);
    const found = await listReferrers(at.repository, at.index.digest);
    expect(found.map(({ digest }) => digest)).toEqual([added.digest]);
  });

  test("that others keep writing is given up", async () => {
    await using at = await place({
      fault: ({ method, url }) =>
        method === "PUT" && /manifests\/sha256-[^.]*$/.test(url.pathname) ? { status: 201 } : null,
    });
    await at.push();

    const attaching = attachArtifact(at.repository, at.index, artifactOf("x"), quiet(), at.access.signal);

    await expect(attaching).rejects.toMatchObject({ code: "referrers-moving" });
  });

  test("is read from the tag where the API is a web page", async () => {
    await using at = await place({
      fault: ({ url }) => (url.pathname.includes("/referrers/") ? { status: 200, body: "<html>" } : null),
    });
    await at.push();
    const added = await attachArtifact(at.repository, at.index, artifactOf("x"), quiet(), at.access.signal);

    const found = await listReferrers(at.repository, at.index.digest);

    expect(found.map(({ digest }) => digest)).toEqual([added.digest]);
  });
});

function artifactOf(content: string): Artifact {
  return {
    artifactType: "text/plain",
    contents: [{ mediaType: "text/plain", bytes: content }],
    annotations: {},
  };
}
