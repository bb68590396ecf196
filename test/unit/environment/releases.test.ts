import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import type { Repository } from "../../../src/debian/repository.ts";
import {
  type Asker,
  currentReleases,
  publishedSuites,
  releaseText,
} from "../../../src/environment/releases.ts";
import { downloader } from "../../../src/store/download.ts";
import { Store } from "../../../src/store/store.ts";
import { type Loopback, serve } from "../../loopback/servers.ts";

/** What the mirror has, by path, with the conditions that it was asked under. */
let files: Map<string, string>;
let conditions: (string | undefined)[];
let mirror: Loopback;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "debkiln-releases-"));
  files = new Map();
  conditions = [];
  mirror = await serve((asked, answer) => {
    conditions.push(asked.headers["if-none-match"]);
    const text = files.get(asked.url ?? "");
    const etag = `"${/Origin: (\S+)/.exec(text ?? "")?.[1]}"`;
    if (text === undefined) answer.writeHead(404).end();
    else if (asked.headers["if-none-match"] === etag) answer.writeHead(304).end();
    else answer.writeHead(200, { etag }).end(text);
  });
});

afterEach(async () => {
  await mirror[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function asker(freshness: Partial<Asker["freshness"]> = {}): Asker {
  return {
    store: new Store(directory),
    download: downloader({ proxies: () => Promise.resolve({}) }),
    freshness: { maxAgeMs: 0, frozen: false, ...freshness },
    signal: new AbortController().signal,
  };
}

/** The least that is a Release file. */
/** With the form of a signature around it: whose it is, and whether it is one, is for apt to find out. */
function release(origin: string, more = ""): string {
  const head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n";
  const signature = "-----BEGIN PGP SIGNATURE-----\n\n=\n-----END PGP SIGNATURE-----\n";
  return `${head}${text(origin, more)}${signature}`;
}

function text(origin: string, more = ""): string {
  return `Origin: ${origin}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n${more}SHA256:\n`;
}

function repository(...suites: string[]): Repository {
  return { types: ["deb"], uris: [mirror.url], suites, components: ["main"], signedBy: null, enabled: true };
}

function mayBeAbsent(suite: string): boolean {
  return suite.endsWith("-updates");
}

describe("current releases", () => {
  test("are told by digest, in an order of their own, with their text in the store", async () => {
    files.set("/dists/b/InRelease", release("B")).set("/dists/a/InRelease", release("A"));

    const found = await currentReleases(asker(), [repository("b", "a"), repository("b")]);

    expect(found).toEqual([
      { uri: `${mirror.url}/dists/a/InRelease`, digest: digestOf(release("A")) },
      { uri: `${mirror.url}/dists/b/InRelease`, digest: digestOf(release("B")) },
    ]);
    expect(await releaseText(asker(), found[0] ?? { uri: "", digest: digestOf("") })).toBe(release("A"));
  });

  test("are asked for again under the condition that they changed", async () => {
    files.set("/dists/a/InRelease", release("A"));
    const before = await currentReleases(asker(), [repository("a")]);

    const unchanged = await currentReleases(asker(), [repository("a")]);
    files.set("/dists/a/InRelease", release("A2"));
    const changed = await currentReleases(asker(), [repository("a")]);

    expect(conditions).toEqual([undefined, '"A"', '"A"']);
    expect(unchanged).toEqual(before);
    expect(changed[0]?.digest).toBe(digestOf(release("A2")));
  });

  test("are not asked for while what is known is new enough, or with --frozen ever again", async () => {
    files.set("/dists/a/InRelease", release("A"));
    await currentReleases(asker(), [repository("a")]);
    files.clear();

    await currentReleases(asker({ maxAgeMs: 60_000 }), [repository("a")]);
    await currentReleases(asker({ frozen: true }), [repository("a")]);

    expect(mirror.requests).toHaveLength(1);
  });

  test("are asked for without a condition when the store has lost their text", async () => {
    files.set("/dists/a/InRelease", release("A"));
    await currentReleases(asker(), [repository("a")]);
    await rm(new Store(directory).blobPath(digestOf(release("A"))));

    await currentReleases(asker({ maxAgeMs: 60_000 }), [repository("a")]);

    expect(conditions).toEqual([undefined, undefined]);
  });

  test("that are not known cannot be had with --frozen", async () => {
    await expect(currentReleases(asker({ frozen: true }), [repository("a")])).rejects.toMatchObject({
      code: "not-cached",
    });
    expect(mirror.requests).toEqual([]);
  });

  test("past their Valid-Until are refused, unless the repository or --frozen says that they will do", async () => {
    files.set("/dists/a/InRelease", release("A", "Valid-Until: Thu, 08 Jan 2026 00:00:00 UTC\n"));
    const lenient = { ...repository("a"), checkValidUntil: false };

    await expect(currentReleases(asker(), [repository("a")])).rejects.toMatchObject({
      code: "release-expired",
    });
    expect(await currentReleases(asker(), [lenient])).toHaveLength(1);
    expect(await currentReleases(asker({ frozen: true }), [repository("a")])).toHaveLength(1);
  });

  test.each([
    ["some other page", "<html>Please log in</html>", "archive-corrupt"],
    ["without a signature", text("A"), "release-unsigned"],
  ])("that are %s are not remembered", async (_, content, code) => {
    files.set("/dists/a/InRelease", content);
    await expect(currentReleases(asker(), [repository("a")])).rejects.toMatchObject({ code });
    files.set("/dists/a/InRelease", release("A"));

    expect(await currentReleases(asker({ maxAgeMs: 60_000 }), [repository("a")])).toHaveLength(1);
  });

  test("that are not there, or are no InRelease file by their size, are failures", async () => {
    files.set("/dists/huge/InRelease", "x".repeat(16 * 1024 * 1024 + 1));

    await expect(currentReleases(asker(), [repository("a")])).rejects.toMatchObject({ code: "not-found" });
    await expect(currentReleases(asker(), [repository("huge")])).rejects.toMatchObject({
      code: "release-too-large",
    });
  });
});

describe("published suites", () => {
  test("are those that the mirror has, of the ones that it may lack; the others are not asked for", async () => {
    files.set("/dists/b-updates/InRelease", release("B"));

    const found = await publishedSuites(asker(), repository("a", "a-updates", "b-updates"), mayBeAbsent);

    expect(found).toEqual(["a", "b-updates"]);
    expect(mirror.requests.toSorted()).toEqual([
      "GET /dists/a-updates/InRelease",
      "GET /dists/b-updates/InRelease",
    ]);
  });

  test("are remembered, also as absent, until they are too old or needed", async () => {
    await publishedSuites(asker(), repository("a-updates"), mayBeAbsent);
    files.set("/dists/a-updates/InRelease", release("A"));

    const still = await publishedSuites(asker({ maxAgeMs: 60_000 }), repository("a-updates"), mayBeAbsent);
    const needed = await currentReleases(asker({ maxAgeMs: 60_000 }), [repository("a-updates")]);
    const afresh = await publishedSuites(asker(), repository("a-updates"), mayBeAbsent);

    expect(still).toEqual([]);
    expect(needed).toHaveLength(1);
    expect(afresh).toEqual(["a-updates"]);
  });

  test("are not thought absent when the mirror refuses to say", async () => {
    await using closed = await serve((_, answer) => answer.writeHead(403).end());
    const asking = publishedSuites(asker(), { ...repository("a-updates"), uris: [closed.url] }, mayBeAbsent);

    await expect(asking).rejects.toMatchObject({ code: "download-refused" });
  });
});

describe("the releases of a repository on this machine", () => {
  test.each([
    ["however lately they were read", { maxAgeMs: 3_600_000 }],
    ["even when no archive is to be asked", { frozen: true }],
  ])("are read anew %s", async (_, freshness) => {
    const root = join(directory, "on disk");
    const place: Repository = { ...repository("x"), uris: [pathToFileURL(root).href] };
    await mkdir(join(root, "dists/x"), { recursive: true });

    await writeFile(join(root, "dists/x/InRelease"), release("old"));
    const [before] = await currentReleases(asker(freshness), [place]);
    await writeFile(join(root, "dists/x/InRelease"), release("new"));
    const [after] = await currentReleases(asker(freshness), [place]);

    expect(before?.digest).toBe(digestOf(release("old")));
    expect(after?.digest).toBe(digestOf(release("new")));
  });

  test("are said to be missing where they are", async () => {
    const place: Repository = { ...repository("x"), uris: ["file:/nowhere/at%20all"] };

    await expect(currentReleases(asker(), [place])).rejects.toMatchObject({
      code: "not-found",
      message: "/nowhere/at all/dists/x/InRelease is not there",
    });
  });
});
