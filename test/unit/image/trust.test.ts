import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeKeyFiles, readSigningKeyFile } from "../../../src/image/key-files.ts";
import { planTrust, type TrustRequest, writeTrust } from "../../../src/image/trust.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-trust-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("key files", () => {
  test("are a pair, the private one for its owner only", async () => {
    const files = await makeKeyFiles(join(directory, "my"), undefined);

    expect(files).toEqual({ privateFile: join(directory, "my.key"), publicFile: join(directory, "my.pub") });
    expect((await stat(files.privateFile)).mode & 0o777).toBe(0o600);
    const { publicKey } = await readSigningKeyFile(files.privateFile, undefined);
    expect(publicKey.export({ type: "spki", format: "pem" })).toBe(await readFile(files.publicFile, "utf8"));
  });

  test("are never written over, and half a pair is not left", async () => {
    await writeFile(join(directory, "my.pub"), "mine");

    await expect(makeKeyFiles(join(directory, "my"), undefined)).rejects.toMatchObject({
      code: "key-exists",
    });
    await expect(stat(join(directory, "my.key"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await readFile(join(directory, "my.pub"), "utf8")).toBe("mine");
  });

  test("may need a passphrase from a file", async () => {
    const passphrase = join(directory, "passphrase");
    await writeFile(passphrase, "open sesame\n");
    const { privateFile } = await makeKeyFiles(join(directory, "my"), passphrase);

    await expect(readSigningKeyFile(privateFile, undefined)).rejects.toMatchObject({
      code: "wrong-passphrase",
    });
    await expect(readSigningKeyFile(privateFile, join(directory, "none"))).rejects.toMatchObject({
      code: "signing-key-unreadable",
    });
    await expect(readSigningKeyFile(privateFile, passphrase)).resolves.toBeDefined();
  });
});

describe("trust", () => {
  test("is a policy, a lookaside of signatures and the key, where the policy looks for it", async () => {
    const files = await planTrust(await request("registry.example:5000/a/b"));

    const [policy, registries, key] = files;
    expect(files.map(({ path }) => path)).toEqual([
      "/etc/containers/policy.json",
      "/etc/containers/registries.d/registry.example-5000-a-b.yaml",
      "/usr/share/pki/containers/registry.example-5000-a-b.pub",
    ]);
    expect(JSON.parse(policy?.text ?? "")).toMatchObject({
      default: [{ type: "reject" }],
      transports: {
        docker: { "registry.example:5000/a/b": [{ type: "sigstoreSigned", keyPath: key?.path }] },
      },
    });
    expect(registries?.text).toBe(
      'docker:\n  "registry.example:5000/a/b":\n    use-sigstore-attachments: true\n',
    );
  });

  test.each(["registry.example/a:t", "registry.example/a@sha256:b", "", "a b", 'x"y', "../x"])(
    "in %j is refused",
    async (scope) => {
      await expect(planTrust(await request(scope))).rejects.toMatchObject({ code: "bad-reference" });
    },
  );

  test("is not written over what is there", async () => {
    const files = await planTrust(await request("registry.example"));
    await writeTrust(files, join(directory, "root"));

    await expect(writeTrust(files, join(directory, "root"))).rejects.toMatchObject({
      code: "output-occupied",
    });
  });
});

async function request(scope: string): Promise<TrustRequest> {
  const { publicFile } = await makeKeyFiles(join(directory, "my"), undefined);
  return { scope, key: publicFile, keyPath: undefined, others: "reject" };
}
