import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Download, downloader } from "../../../src/store/download.ts";
import { serve, serveProxy } from "../../loopback/servers.ts";

function direct(variables: Readonly<Record<string, string>> = {}, caBundle?: string): Download {
  return downloader({
    proxies: () => Promise.resolve(variables),
    ...(caBundle === undefined ? {} : { caBundle }),
  });
}

describe("a download", () => {
  test("gives what is there, and sends the headers of the caller", async () => {
    await using server = await serve((asked, answer) => answer.end(`for ${asked.headers["if-none-match"]}`));

    const { status, body } = await direct()(`${server.url}/x`, { headers: { "if-none-match": '"a"' } });

    expect([status, await text(body)]).toEqual([200, 'for "a"']);
  });

  test("follows redirects, relative ones and to other servers too", async () => {
    await using end = await serve((_, answer) => answer.end("here"));
    await using start = await serve((asked, answer) => {
      const location = asked.url === "/a/one" ? "../b/two" : `${end.url}/three`;
      answer.writeHead(302, { location }).end();
    });

    const { body } = await direct()(`${start.url}/a/one`);

    expect(await text(body)).toBe("here");
    expect(start.requests).toEqual(["GET /a/one", "GET /b/two"]);
  });

  test("gives up when redirects go in a circle or to something that is not the web", async () => {
    await using circle = await serve((_, answer) => answer.writeHead(302, { location: "/again" }).end());
    await using away = await serve((_, answer) =>
      answer.writeHead(302, { location: "file:///etc/passwd" }).end(),
    );

    await expect(direct()(circle.url)).rejects.toMatchObject({ code: "download-refused" });
    await expect(direct()(away.url)).rejects.toMatchObject({ code: "bad-uri" });
    expect(circle.requests.length).toBeLessThan(10);
  });

  test("is tried again when the server has a fault that may pass", async () => {
    let faults = 2;
    await using server = await serve((_, answer) =>
      faults-- > 0 ? answer.writeHead(503).end() : answer.end("at last"),
    );

    const { body } = await direct()(server.url);

    expect(await text(body)).toBe("at last");
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    [404, "not-found"],
    [403, "download-refused"],
  ])("that is answered %i fails at once as %s", async (status, code) => {
    await using server = await serve((_, answer) => answer.writeHead(status).end());

    await expect(direct()(server.url)).rejects.toMatchObject({ fault: "infrastructure", code });
    expect(server.requests).toHaveLength(1);
  });

  test("ends with its signal, whatever the server does", async () => {
    const stop = new AbortController();
    await using server = await serve(() => stop.abort(new Error("enough")));

    await expect(direct()(server.url, { signal: stop.signal })).rejects.toThrow("enough");
  });

  test.each(["ftp://mirror.example/x", "/etc/passwd", "nonsense"])("of %s is refused", async (uri) => {
    await expect(direct()(uri)).rejects.toMatchObject({ fault: "usage", code: "bad-uri" });
  });
});

describe("proxies", () => {
  test("get http addresses in full, and are left out for exceptions", async () => {
    await using server = await serve((_, answer) => answer.end("through"));
    await using proxy = await serveProxy();

    const through = await direct({ http_proxy: proxy.url })(`${server.url}/x`);
    const past = await direct({ http_proxy: proxy.url, no_proxy: "127.0.0.1" })(`${server.url}/y`);

    expect([await text(through.body), await text(past.body)]).toEqual(["through", "through"]);
    expect(proxy.requests).toEqual([`GET ${server.url}/x`]);
  });

  test("are asked after at the first download only, and not before", async () => {
    await using server = await serve((_, answer) => answer.end("x"));
    let asked = 0;
    const download = downloader({ proxies: () => Promise.resolve({ n: `${asked++}` }) });
    const before = asked;

    for (const path of ["/a", "/b"]) await text((await download(server.url + path)).body);

    expect([before, asked]).toEqual([0, 1]);
  });
});

describe("https", () => {
  let directory: string;
  let certificate: string;
  let tls: { key: string; cert: string };
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

  test("needs an authority that is known, and says how to name one", async () => {
    await using server = await serve((_, answer) => answer.end("secret"), tls);

    const { body } = await direct({}, certificate)(server.url);

    await expect(direct()(server.url)).rejects.toMatchObject({
      code: "mirror-unreachable",
      message: expect.stringMatching(/self-signed certificate$/),
      hint: expect.stringContaining("ca_bundle"),
    });
    expect(await text(body)).toBe("secret");
    expect(server.requests).toHaveLength(1);
  });

  test("goes through a proxy by a tunnel", async () => {
    await using server = await serve((_, answer) => answer.end("secret"), tls);
    await using proxy = await serveProxy();

    const { body } = await direct({ https_proxy: proxy.url }, certificate)(server.url);

    expect(await text(body)).toBe("secret");
    expect(proxy.requests).toEqual([`CONNECT ${new URL(server.url).host}`]);
  });

  test("is never left for http by a redirect", async () => {
    await using plain = await serve((_, answer) => answer.end("open"));
    await using server = await serve(
      (_, answer) => answer.writeHead(302, { location: plain.url }).end(),
      tls,
    );

    await expect(direct({}, certificate)(server.url)).rejects.toMatchObject({ code: "download-refused" });
    expect(plain.requests).toEqual([]);
  });

  test("with a bundle that cannot be read is the user's fault", async () => {
    await using server = await serve((_, answer) => answer.end("x"), tls);

    await expect(direct({}, join(directory, "nothing.pem"))(server.url)).rejects.toMatchObject({
      fault: "usage",
      code: "ca-bundle-missing",
    });
  });
});
