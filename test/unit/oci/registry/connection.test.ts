import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseReference } from "../../../../src/oci/reference.ts";
import type { Credentials } from "../../../../src/oci/registry/credentials.ts";
import type { RegistryAccess } from "../../../../src/oci/registry/connection.ts";
import { readRetryAfter } from "../../../../src/oci/registry/refusal.ts";
import { Repository } from "../../../../src/oci/registry/repository.ts";
import { type RegistryOptions, serveRegistry } from "../../../loopback/registry.ts";
import { serve, serveProxy } from "../../../loopback/servers.ts";
import { addImage, Memory, plainAccess } from "./image-fixture.ts";

const user: Credentials = { kind: "password", user: "me", password: "secret" };
const basic = `Basic ${Buffer.from("me:secret").toString("base64")}`;

function repositoryOf(
  { host }: { readonly host: string },
  fields: Partial<RegistryAccess> = {},
  rights: "pull" | "push" = "push",
): Repository {
  return new Repository(parseReference(`${host}/a/b`), { access: plainAccess(fields), rights });
}

/** A registry that wants a token, and says what its token server was asked. */
async function serveTokens(answer: { readonly status: number; readonly body: string }) {
  const asked: { url: string; authorization: string | undefined; body: string }[] = [];
  const registry = await serveRegistry({
    auth: {
      header: "Bearer good",
      challenge: (base) =>
        `Bearer realm="${base}/token",service="registry.example",scope="repository:a/b:pull"`,
    },
    besides: (request, reply) => {
      if (!request.url?.startsWith("/token")) return false;
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        asked.push({ url: request.url ?? "", authorization: request.headers.authorization, body });
        reply.writeHead(answer.status).end(answer.body);
      });
      return true;
    },
  });
  return { ...registry, asked };
}

describe("a registry", () => {
  test("that wants a login gets it, and no other password in vain", async () => {
    await using registry = await serveRegistry({
      auth: { header: basic, challenge: () => 'Basic realm="r"' },
    });
    const wrong: Credentials = { kind: "password", user: "me", password: "wrong" };

    const found = await repositoryOf(registry, { credentials: async () => user }).findDigest("t");
    const refused = repositoryOf(registry, { credentials: async () => wrong });
    const anonymous = repositoryOf(registry);

    expect(found).toBeNull();
    await expect(refused.findDigest("t")).rejects.toMatchObject({ code: "registry-unauthorized" });
    await expect(anonymous.findDigest("t")).rejects.toMatchObject({ code: "registry-unauthorized" });
  });

  test.each<[string, Credentials | null, string | undefined, RegExp]>([
    ["anonymously", null, undefined, /^(?!.*account)/],
    ["by password", user, basic, /account=me/],
    ["by identity token", { kind: "identity-token", token: "identity" }, undefined, /refresh_token=identity/],
  ])("that wants a token gets one %s, once", async (_, credentials, authorization, form) => {
    await using registry = await serveTokens({ status: 200, body: '{"token":"good"}' });
    const { asked } = registry;
    const repository = repositoryOf(registry, { credentials: async () => credentials });

    await Promise.all(["t", "u", "v"].map((tag) => repository.findDigest(tag)));
    await repository.findDigest("w");

    expect(asked.map((each) => each.authorization)).toEqual([authorization]);
    const sent = asked.map(({ url, body }) => decodeURIComponent(url + body)).join("");
    expect(sent).toMatch(form);
    expect(sent).toContain("scope=repository:a/b:pull,push");
    expect(sent).toContain("service=registry.example");
  });

  test.each([
    [401, "{}", "registry-unauthorized"],
    [403, "{}", "registry-unauthorized"],
    [500, "{}", "registry-failed"],
    [200, "<html>", "bad-registry-answer"],
    [200, '{"token":"a\\nb"}', "bad-registry-answer"],
    [200, '{"token":"bad"}', "registry-unauthorized"],
  ])("whose token server answers %i %s is %s", async (status, body, code) => {
    await using registry = await serveTokens({ status, body });

    await expect(repositoryOf(registry).findDigest("t")).rejects.toMatchObject({ code });
  });

  test("that sends logins to something that is no address gets none", async () => {
    await using registry = await serveRegistry({
      auth: { header: "x", challenge: () => 'Bearer realm="file:///etc/passwd"' },
    });

    await expect(repositoryOf(registry).findDigest("t")).rejects.toMatchObject({
      code: "bad-registry-answer",
    });
  });

  test("that redirects to a storage does not have the login passed on", async () => {
    const memory = new Memory();
    const image = addImage(memory);
    const [layer = image] = memory.contents.keys().map((digest) => ({ ...image, digest, size: 1000 }));
    const authorizations: (string | undefined)[] = [];
    await using storage = await serve((asked, answer) => {
      authorizations.push(asked.headers.authorization);
      answer.end(memory.contents.get(layer.digest));
    });
    await using registry = await serveRegistry({
      auth: { header: basic, challenge: () => "Basic" },
      fault: ({ method }) =>
        method === "GET" ? { status: 307, headers: { location: `${storage.url}/x?sig=1` } } : null,
    });

    const stream = await repositoryOf(registry, { credentials: async () => user }).openBlob(layer);

    expect(Buffer.concat(await stream.toArray())).toEqual(memory.contents.get(layer.digest));
    expect(authorizations).toEqual([undefined]);
  });

  test("that redirects in a circle is left", async () => {
    await using registry = await serveRegistry({
      fault: () => ({ status: 307, headers: { location: "/v2/again" } }),
    });

    await expect(repositoryOf(registry).findDigest("t")).rejects.toMatchObject({
      code: "bad-registry-answer",
    });
  });

  test("that is not there is no connection, at once", async () => {
    const access = plainAccess();
    const closed = await serveRegistry();
    await closed[Symbol.asyncDispose]();
    const repository = new Repository(parseReference(`${closed.host}/a`), { access, rights: "pull" });

    await expect(repository.findDigest("t")).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringContaining(closed.host),
    });
    expect(access.pauses).toEqual([]);
  });

  test("that answers with a page of errors has its words shown, without what steers terminals", async () => {
    const body = '{"errors":[{"code":"DENIED","message":"no \\u001b[31mway"}]}';
    await using registry = await serveRegistry({ fault: () => ({ status: 403, body }) });

    await expect(repositoryOf(registry).findManifest("t")).rejects.toMatchObject({
      message: expect.stringMatching(/HTTP 403: DENIED no way$/),
    });
  });

  test("on this machine is asked without a proxy, and another by it", async () => {
    await using registry = await serveRegistry();
    await using proxy = await serveProxy();
    const proxies = { http_proxy: proxy.url, https_proxy: proxy.url };

    const found = await repositoryOf(registry, { proxies }).findDigest("t");
    const elsewhere = repositoryOf({ host: "registry.invalid" }, { proxies, tls: "verified" }).findDigest(
      "t",
    );

    expect(found).toBeNull();
    await expect(elsewhere).rejects.toMatchObject({ code: "registry-unreachable" });
    expect(proxy.requests[0]).toBe("CONNECT registry.invalid:443");
  });
});

describe("TLS", () => {
  let directory: string;
  let certificate: string;
  let tls: NonNullable<RegistryOptions["tls"]>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "debkiln-tls-"));
    certificate = join(directory, "cert.pem");
    const key = join(directory, "key.pem");
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const name = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-keyout", key, "-out", certificate], {
      stdio: "ignore",
    });
    tls = { key: await readFile(key, "utf8"), cert: await readFile(certificate, "utf8") };
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("needs an authority that is known, by --ca-bundle or certs.d, unless it is not to be verified", async () => {
    await using registry = await serveRegistry({ tls });
    const home = join(directory, "home");
    const certs = join(home, ".config/containers/certs.d", registry.host);
    await mkdir(certs, { recursive: true });
    await writeFile(join(certs, "ca.crt"), tls.cert);
    const find = (fields: Partial<RegistryAccess>) =>
      repositoryOf(registry, { tls: "verified", ...fields }).findDigest("t");

    await expect(find({})).rejects.toMatchObject({
      code: "registry-unreachable",
      hint: expect.stringContaining("--ca-bundle"),
    });
    expect(await find({ caBundle: certificate })).toBeNull();
    expect(await find({ environment: { HOME: home } })).toBeNull();
    expect(await find({ tls: "unverified" })).toBeNull();
  });

  test("that a registry does not speak is hinted at", async () => {
    await using registry = await serveRegistry();

    await expect(repositoryOf(registry, { tls: "verified" }).findDigest("t")).rejects.toMatchObject({
      message: expect.stringContaining("does not speak TLS"),
      hint: expect.stringContaining("--tls-verify=false"),
    });
    expect(registry.asked).toEqual([]);
  });

  test("is not left by a redirect", async () => {
    await using plain = await serve((_, answer) => answer.end("open"));
    const location = plain.url.replace("127.0.0.1", "localhost");
    await using registry = await serveRegistry({
      tls,
      fault: () => ({ status: 307, headers: { location } }),
    });
    const repository = repositoryOf(registry, { tls: "verified", caBundle: certificate });

    await expect(repository.findDigest("t")).rejects.toMatchObject({
      code: "bad-registry-answer",
      message: expect.stringContaining("redirects from https"),
    });
    expect(plain.requests).toEqual([]);
  });

  test("is kept when a registry behind a proxy does not know that it has it", async () => {
    await using registry = await serveRegistry({
      tls,
      fault: ({ url }) =>
        url.pathname.endsWith("/t")
          ? { status: 307, headers: { location: `http://${url.host}/v2/a/b/manifests/u` } }
          : null,
    });
    const repository = repositoryOf(registry, { tls: "verified", caBundle: certificate });

    expect(await repository.findDigest("t")).toBeNull();
    expect(registry.requests()).toEqual(["HEAD /v2/a/b/manifests/t", "HEAD /v2/a/b/manifests/u"]);
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1);
  test.each([
    [undefined, null],
    ["0", 0],
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2020 00:00:00 GMT", 0],
    ["soon", null],
    ["-1 s", null],
  ])("%s is %s milliseconds", (header, milliseconds) => {
    expect(readRetryAfter(header, now)).toEqual(milliseconds);
  });
});
