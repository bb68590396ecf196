import { execFileSync } from "node:child_process";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Descriptor } from "../../../src/oci/image-spec.ts";
import { engines } from "../../engine/engines.ts";
import { mainEngine } from "../engine.ts";
import { type Judges, callJudges } from "./judges.ts";
import { writeSmallImage } from "./small-image.ts";
import { kilnFor, registryFor } from "../opened.ts";

const plain = "--tls-verify=false";

describe("debkiln image and Debian's docker-registry", () => {
  const kiln = kilnFor("all tests", mainEngine);
  const registry = registryFor("all tests");
  let judges: Judges;
  let image: Descriptor;
  beforeAll(async () => {
    judges = await callJudges(mainEngine, kiln);
    image = await writeSmallImage(join(kiln.directory, "small.oci"));
  }, 900_000);
  afterAll(() => judges[Symbol.asyncDispose]());

  /** The end of a command that must go well. */
  const ok = async (...words: readonly string[]) => {
    const ended = await kiln.run(...words);
    expect(ended).toMatchObject({ exitCode: 0 });
    return ended;
  };
  /** Copies an image under a policy and its registries.d, as skopeo would on a host. */
  const copy = (policy: string, from: string, ...words: readonly string[]) => {
    const rules = ["--policy", `/tmp/${policy}.json`, "--registries.d", "/tmp"];
    const places = [`docker://${from}`, "dir:/tmp/judged"];
    return judges.run("skopeo", ...rules, "copy", "--src-tls-verify=false", ...words, ...places);
  };

  test("push an index that skopeo and oras find whole, and send nothing twice", async () => {
    const name = `${registry.host}/whole`;

    const first = await ok("image", "push", "--json", plain, "small.oci", `${name}:t`, "--tag", "u");
    const again = await ok("image", "push", "--json", plain, "small.oci", `${name}:v`);
    const beside = await ok(
      "image",
      "push",
      "--json",
      plain,
      "small.oci",
      `${name}/b:t`,
      "--mount-from",
      "whole",
    );

    const reference = `${name}@${image.digest}`;
    expect(result(first)).toMatchObject({ result: { reference, tags: ["t", "u"], blobs: 5 } });
    expect([result(again), result(beside)]).toMatchObject([
      { result: { blobs: 0 } },
      { result: { blobs: 0 } },
    ]);
    const copied = await judges.run(
      "skopeo",
      "--insecure-policy",
      "copy",
      "--all",
      "--src-tls-verify=false",
      `docker://${name}/b:t`,
      "dir:/tmp/copied",
    );
    const fetched = await judges.run(
      "oras",
      "manifest",
      "fetch",
      "--plain-http",
      "--descriptor",
      `${name}:u`,
    );
    expect(copied).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(fetched.output)).toMatchObject({ digest: image.digest, size: image.size });
  });

  test("pull gives the same bytes, all or of one architecture", async () => {
    await ok("image", "push", plain, "small.oci", `${registry.host}/pulled:t`);

    await ok("image", "pull", plain, `${registry.host}/pulled:t`, "pulled.oci");
    await ok("image", "pull", plain, "--arch", "arm64", `${registry.host}/pulled:t`, "one.oci:arm");

    const blobs = (layout: string) => readdir(join(kiln.directory, layout, "blobs/sha256"));
    expect(new Set(await blobs("pulled.oci"))).toEqual(new Set(await blobs("small.oci")));
    expect(await blobs("one.oci")).toHaveLength(4);
    const inspected = await execa("skopeo", ["inspect", `oci:${join(kiln.directory, "one.oci")}:arm`]);
    expect(JSON.parse(inspected.stdout)).toMatchObject({ Architecture: "arm64" });
    const compared = await ok("image", "diff", "--files", "--arch", "arm64", "small.oci", "one.oci:arm");
    expect(compared.stdout).toMatch(/^The images are the same: sha256:/);
  });

  test.each(engines)("$name pulls and runs what was pushed", async ({ name, endpoint }) => {
    // Docker before 23 pulls no zstd.
    await writeSmallImage(join(kiln.directory, "gzip.oci"), "gzip");
    await ok("image", "push", plain, "gzip.oci", `${registry.host}/run:t`);
    const reference = `${registry.host}/run:t`;
    const client = name.includes("docker") ? ["docker", "--host", endpoint] : ["podman", "--url", endpoint];
    const verify = name.includes("docker") ? [] : [plain];
    const call = (...words: readonly string[]) => execa(client[0] ?? "", [...client.slice(1), ...words]);

    await call("pull", ...verify, reference);
    try {
      expect((await call("run", "--rm", "--network", "none", reference)).stdout).toBe("amd64");
    } finally {
      await call("rmi", "--force", reference);
    }
  });

  test.each(engines)("$name takes an image into its storage", async (engine) => {
    const client = engine.name.includes("docker")
      ? ["docker", "--host", engine.endpoint]
      : ["podman", "--url", engine.endpoint];
    const call = (...words: readonly string[]) => execa(client[0] ?? "", [...client.slice(1), ...words]);
    const reference = `localhost/debkiln-test-${process.pid}:t`;

    await ok("image", "push", "--engine", engine.endpoint, "small.oci", `containers-storage:${reference}`);
    try {
      expect((await call("run", "--rm", "--network", "none", reference)).stdout).toBe("amd64");
    } finally {
      await call("rmi", "--force", reference);
    }
  });

  test("archives are such as skopeo reads, and the same each time", async () => {
    for (const [file, words] of [
      ["a.tar", ["oci-archive:a.tar:registry.example/a:t"]],
      ["d.tar", ["docker-archive:d.tar:registry.example/a:t", "--arch", "arm64"]],
    ] as const) {
      await ok("image", "push", "small.oci", ...words);
      const first = await readFile(join(kiln.directory, file));
      await ok("image", "push", "small.oci", ...words);
      expect(first.equals(await readFile(join(kiln.directory, file)))).toBe(true);
    }

    expect(await inspect(`oci-archive:${join(kiln.directory, "a.tar")}`)).toMatchObject({
      Architecture: "arm64",
    });
    expect(await inspect(`docker-archive:${join(kiln.directory, "d.tar")}`)).toMatchObject({
      Architecture: "arm64",
    });
  });

  test("signatures are accepted by skopeo's policy and cosign, with the right key only", async () => {
    const signed = `${registry.host}/signed:t`;
    await ok("image", "keygen", "mine");
    await ok("image", "keygen", "theirs");
    await ok("image", "push", plain, "small.oci", `${registry.host}/unsigned:t`);
    await ok("image", "push", plain, "--sign-key", "mine.key", "small.oci", signed);
    for (const name of ["mine", "theirs"]) {
      await judges.write(`${name}.pub`, await readFile(join(kiln.directory, `${name}.pub`), "utf8"));
      const keyPath = `/tmp/${name}.pub`;
      const words = ["--key", `${name}.pub`, "--key-path", keyPath, "--others", "reject", "-o", name];
      await ok("image", "policy", ...words, registry.host);
      const below = join(kiln.directory, name, "etc/containers");
      await judges.write(`${name}.json`, await readFile(join(below, "policy.json"), "utf8"));
      const [lookaside = ""] = await readdir(join(below, "registries.d"));
      await judges.write(`registries.yaml`, await readFile(join(below, "registries.d", lookaside), "utf8"));
    }

    expect(await copy("mine", signed)).toMatchObject({ exitCode: 0 });
    expect(await copy("mine", signed, "--all", "--remove-signatures")).toMatchObject({ exitCode: 0 });
    expect(await copy("theirs", signed)).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("signature verification failed"),
    });
    expect(await copy("mine", `${registry.host}/unsigned:t`)).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("A signature was required"),
    });
    const verify = (key: string) =>
      judges.run(
        "cosign",
        "verify",
        "--allow-http-registry",
        "--insecure-ignore-tlog",
        "--key",
        `/tmp/${key}.pub`,
        signed,
      );
    expect((await verify("mine")).exitCode).toBe(0);
    expect((await verify("theirs")).exitCode).not.toBe(0);
  });

  test("verify takes what it and cosign signed, and nothing of another key", async () => {
    const signed = `${registry.host}/verified:t`;
    await ok("image", "keygen", "verifier");
    await ok("image", "keygen", "stranger");
    await ok("image", "push", plain, "small.oci", signed);

    const unsigned = await kiln.run("image", "verify", plain, "--key", "verifier.pub", signed);
    await ok("image", "sign", plain, "--key", "verifier.key", signed);
    const good = await ok("image", "verify", plain, "--key", "verifier.pub", signed);
    const wrong = await kiln.run("image", "verify", plain, "--key", "stranger.pub", signed);
    const attached = await judges.run("oras", "discover", "--plain-http", "--format", "json", signed);

    expect(unsigned).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("is not signed") });
    expect(good.stdout).toContain(`signed as ${signed}`);
    expect(good.stdout).toContain("signed by the bundle sha256:");
    expect(wrong).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("not by this key") });
    expect(attached.output).toContain("application/vnd.dev.sigstore.bundle.v0.3+json");

    const sign = "cosign sign --yes --allow-http-registry --tlog-upload=false --key cosign.key";
    const words = `cd /tmp && export COSIGN_PASSWORD= && cosign generate-key-pair && ${sign} ${signed}`;
    const cosign = await judges.run("sh", "-c", words);
    expect(cosign).toMatchObject({ exitCode: 0 });
    const { output } = await judges.run("cat", "/tmp/cosign.pub");
    await writeFile(join(kiln.directory, "cosign.pub"), output);
    const both = await ok("image", "verify", plain, "--key", "cosign.pub", signed);
    expect(both.stdout).toMatch(/signed as \S+\/verified$/m);
  });
});

describe("debkiln image and a registry with TLS and logins", () => {
  const kiln = kilnFor("all tests", mainEngine);
  const registry = registryFor("all tests", async () => {
    const [certificate, key] = [join(kiln.directory, "ca.pem"), join(kiln.directory, "ca.key")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const name = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-keyout", key, "-out", certificate], {
      stdio: "ignore",
    });
    const htpasswd = join(kiln.directory, "htpasswd");
    // User "me" with the password "secret".
    await writeFile(htpasswd, "me:$2b$04$DzpK05h8MnEKMXm7wEsHqOc6dQ9wFeuaI4raNPWogOYeV4soDpAA2\n");
    return { htpasswd, tls: { certificate, key } };
  });
  beforeAll(async () => void (await writeSmallImage(join(kiln.directory, "small.oci"))));

  test("push with the login that skopeo keeps, and not without", async () => {
    const certs = join(kiln.directory, "certs");
    await mkdir(certs);
    await writeFile(join(certs, "ca.crt"), await readFile(join(kiln.directory, "ca.pem")));
    const login = ["login", "--authfile", join(kiln.directory, "auth.json"), "--cert-dir", certs];
    await execa("skopeo", [...login, "--username", "me", "--password-stdin", registry.host], {
      input: "secret",
    });
    const push = (...words: readonly string[]) =>
      kiln.run("image", "push", "small.oci", `${registry.host}/a:t`, ...words);

    const stranger = await push("--authfile", "auth.json");
    const anonymous = await push("--ca-bundle", "ca.pem");
    const known = await push("--ca-bundle", "ca.pem", "--authfile", "auth.json");

    expect(stranger).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("--ca-bundle") });
    expect(anonymous).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("podman login") });
    expect(known).toMatchObject({ exitCode: 0 });
  });

  test("certificates of certs.d are known without a word", async () => {
    const config = join(kiln.directory, "config/containers");
    const certs = join(config, "certs.d", registry.host);
    await mkdir(certs, { recursive: true });
    await writeFile(join(certs, "ca.crt"), await readFile(join(kiln.directory, "ca.pem")));
    const auth = Buffer.from("me:secret").toString("base64");
    await writeFile(join(config, "auth.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));

    const pushed = await kiln.run("image", "push", "small.oci", `${registry.host}/b:t`);

    expect(pushed).toMatchObject({ exitCode: 0 });
    await rm(config, { recursive: true });
  });
});

/** What a command prints last under --json. */
function result({ stdout }: { readonly stdout: string }): unknown {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

async function inspect(place: string): Promise<unknown> {
  const { stdout } = await execa("skopeo", ["inspect", "--override-arch", "arm64", place]);
  return JSON.parse(stdout);
}
