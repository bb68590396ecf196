import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { type Event, Task } from "../../../src/base/event.ts";
import { openAddress, openFetched } from "../../../src/build/open-source.ts";
import type { SourceFile } from "../../../src/environment/source-index.ts";
import { downloader } from "../../../src/store/download.ts";
import { Store } from "../../../src/store/store.ts";
import { type Loopback, serve } from "../../loopback/servers.ts";
import { writeDsc } from "./source-fixture.ts";

describe("a source of the archive", () => {
  const task = new Task(() => undefined, []);
  let directory = "";
  let store: Store;
  let files: SourceFile[] = [];
  let asked: string[] = [];
  let mirror: Loopback;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "debkiln-open-source-"));
    store = new Store(join(directory, "cache"));
    await writeDsc(directory);
    asked = [];
    mirror = await serve((request, answer) => {
      asked.push(request.url ?? "");
      answer.end(readFileSync(join(directory, request.url ?? "")));
    });
    files = readdirSync(directory)
      .filter((name) => /\.(dsc|tar\..*)$/.test(name))
      .map((fileName) => {
        const bytes = readFileSync(join(directory, fileName));
        const uri = `${mirror.url}/${fileName}`;
        return { fileName, uri, sizeBytes: bytes.length, sha256: digestOf(bytes) };
      });
  });

  afterEach(async () => {
    await mirror[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  function open() {
    const download = downloader({ proxies: () => Promise.resolve({}) });
    return openFetched({ store, download, signal: new AbortController().signal }, files, task);
  }

  test("is fetched once", async () => {
    await open();
    await open();

    expect(asked).toHaveLength(files.length);
  });

  test.each(["\0", ""])("whose kept files have become %j on the disk is fetched again", async (filling) => {
    await open();
    for (const { sha256 } of files) {
      const path = store.blobPath(sha256);
      writeFileSync(path, filling.repeat(statSync(path).size));
    }

    const source = await open();

    expect(source.package.name).toBe("hello");
    expect(asked).toHaveLength(2 * files.length);
    expect(readdirSync(join(store.directory, "sources"))).toHaveLength(1);
  });

  test("that is what the index says but no source package is not fetched twice", async () => {
    const dsc = "hello_1.0-1.dsc";
    writeFileSync(join(directory, dsc), "nonsense");
    const bytes = readFileSync(join(directory, dsc));
    files = files.map((each) =>
      each.fileName === dsc ? { ...each, sizeBytes: bytes.length, sha256: digestOf(bytes) } : each,
    );

    await expect(open()).rejects.toMatchObject({ fault: "package" });

    expect(asked).toHaveLength(files.length);
  });

  test("behind an address with a password is fetched by it, and the password is told to nobody else", async () => {
    const events: Event[] = [];
    const askedBy = new Set<string | undefined>();
    await using server = await serve((request, answer) => {
      askedBy.add(request.headers.authorization);
      const name = request.url ?? "";
      if (name.endsWith(".dsc.dsc")) answer.writeHead(404).end();
      else answer.end(readFileSync(join(directory, name)));
    });
    const url = `${server.url.replace("//", "//jane:s3cret@")}/hello_1.0-1.dsc`;
    const download = downloader({ proxies: () => Promise.resolve({}) });
    const fetcher = { store, download, signal: new AbortController().signal };
    const noting = new Task((event) => events.push(event), []);

    const { source } = await openAddress(fetcher, url, noting);
    const failure = await openAddress(fetcher, `${url}.dsc`, noting).catch((thrown: unknown) => thrown);

    expect([...askedBy]).toEqual([`Basic ${Buffer.from("jane:s3cret").toString("base64")}`]);
    expect(source.files.map(({ uri }) => uri)).toContain(`${server.url}/hello_1.0-1.dsc`);
    expect(inspect([events, source, failure], { depth: null })).not.toMatch(/s3cret|jane/);
  });
});
