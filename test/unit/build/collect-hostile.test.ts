import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { type Header, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { packTar } from "../../../src/oci/tar.ts";
import {
  changesName,
  changesOf,
  changesText,
  collectInto,
  common,
  file,
  files,
  good,
  resultsPlace,
  root,
} from "./results-fixture.ts";

const run = promisify(execFile);
const binary = { encoding: "buffer" } as const;

const place = resultsPlace();

/** A tar of the good results with members of any kind after them. */
function rawTar(...headers: (Partial<Header> & Pick<Header, "name">)[]): Readable {
  const tar = pack();
  tar.entry({ name: "results/", type: "directory" });
  for (const [name, content] of Object.entries({ ...files, [changesName]: changesText })) {
    tar.entry({ name: `results/${name}` }, content);
  }
  for (const header of headers) tar.entry(header).end(null);
  tar.finalize();
  return Readable.from(bytesOf(tar));
}

async function* bytesOf(tar: AsyncIterable<unknown>) {
  for await (const chunk of tar) yield chunk;
}

const deb = "results/sl_5.02-1_amd64.deb";
const withoutDeb = good.filter(({ path }) => path !== deb);
const link = (path: string, linkTarget: string) => ({
  ...common,
  type: "symlink" as const,
  path,
  linkTarget,
});

const attacks: [title: string, tar: () => Readable, code: string, message: string][] = [
  [
    "a symbolic link for a package",
    () => packTar([...withoutDeb, link(deb, "/etc/shadow")]),
    "hostile-result",
    "is a symbolic link",
  ],
  [
    "a hard link for a package",
    () => packTar([...withoutDeb, { ...link(deb, "results/sl.x"), type: "link" }]),
    "hostile-result",
    "is a hard link",
  ],
  [
    "a symbolic link in place of the directory",
    () => packTar([link("results", "/etc"), ...good.slice(1)]),
    "hostile-result",
    "is a symbolic link",
  ],
  [
    "a character device",
    () => rawTar({ name: "results/null", type: "character-device", devmajor: 1, devminor: 3 }),
    "hostile-result",
    "is a character device",
  ],
  [
    "a block device",
    () => rawTar({ name: "results/sda", type: "block-device" }),
    "hostile-result",
    "is a block device",
  ],
  ["a named pipe", () => rawTar({ name: "results/pipe", type: "fifo" }), "hostile-result", "is a named pipe"],
  [
    "a contiguous file",
    () => rawTar({ name: "results/x", type: "contiguous-file" }),
    "hostile-result",
    "of an unknown kind",
  ],
  [
    "a directory below",
    () => packTar([...good, { ...root, path: "results/sub/" }]),
    "hostile-result",
    "is a directory among",
  ],
  [
    "a second root",
    () => packTar([root, { ...root, path: "other/" }, ...good.slice(1)]),
    "hostile-result",
    "is a directory among",
  ],
  [
    "a root that leads upward",
    () => packTar([{ ...root, path: "../" }, ...good.slice(1)]),
    "hostile-result",
    "unsafe directory name",
  ],
  [
    "a root below",
    () => packTar([{ ...root, path: "results/sub/" }]),
    "hostile-result",
    "unsafe directory name",
  ],
  [
    "an absolute path",
    () => packTar([...withoutDeb, file("/etc/cron.d/x", "the package")]),
    "hostile-result",
    "lies outside",
  ],
  [
    "a path that leads upward",
    () => packTar([...withoutDeb, file("results/../sl_5.02-1_amd64.deb", "the package")]),
    "hostile-result",
    "lies outside",
  ],
  [
    "a path in a directory below",
    () => packTar([...withoutDeb, file("results/x/sl_5.02-1_amd64.deb", "the package")]),
    "hostile-result",
    "lies outside",
  ],
  [
    "a PAX path that leads upward",
    () => rawTar({ name: deb, pax: { path: "../../etc/passwd" } }),
    "hostile-result",
    "lies outside",
  ],
  [
    "a PAX link path",
    () => rawTar({ name: deb, pax: { linkpath: "/etc/passwd" } }),
    "hostile-result",
    "attribute linkpath",
  ],
  [
    "a sparse map in PAX",
    () => rawTar({ name: deb, pax: { "GNU.sparse.major": "1", "GNU.sparse.realsize": "99999999" } }),
    "hostile-result",
    "attribute GNU.sparse",
  ],
  [
    "a name with a line break",
    () => packTar([...good, file("results/a\n::set-output name=x::y", "")]),
    "hostile-result",
    "is not listed",
  ],
  ["a file twice", () => packTar([...good, file(deb, "the package")]), "hostile-result", "comes twice"],
  [
    "a file that is not listed",
    () => packTar([...good, file("results/extra.deb", "x")]),
    "hostile-result",
    "is not listed",
  ],
  [
    "a file with more bytes",
    () => packTar([...withoutDeb, file(deb, "the package and more")]),
    "result-mismatch",
    "20 bytes",
  ],
  [
    "a file with other bytes",
    () => packTar([...withoutDeb, file(deb, "THE PACKAGE")]),
    "result-mismatch",
    "SHA256",
  ],
  [
    "another .changes than was read",
    () =>
      packTar([
        ...good.slice(0, -1),
        file(`results/${changesName}`, changesText.replace("trixie", "bookwo")),
      ]),
    "result-mismatch",
    "SHA256",
  ],
  ["a listed file that is not there", () => packTar(withoutDeb), "result-missing", "did not leave"],
  ["nothing at all", () => Readable.from([Buffer.alloc(1024)]), "result-missing", "did not leave"],
  [
    "bytes that are no tar",
    () => Readable.from([Buffer.alloc(4096, "x")]),
    "tar-malformed",
    "Invalid tar header",
  ],
  ["a tar that is cut off", () => Readable.from(cutOff()), "tar-malformed", "Unexpected end"],
];

async function* cutOff() {
  yield (await buffer(packTar(good))).subarray(0, 1536 + 5);
}

describe("results that are not as they should be leave nothing behind", () => {
  test.each(attacks)("%s", async (_, tar, code, message) => {
    await mkdir(place.directory);
    await writeFile(join(place.directory, "result.json"), "{}");

    await expect(collectInto(place.directory, tar())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });

    expect(await readdir(place.parent)).toEqual(["results"]);
    expect(await readdir(place.directory)).toEqual(["result.json"]);
  });

  test("a sparse file as GNU tar writes it is refused", async () => {
    const built = await mkdtemp(join(tmpdir(), "debkiln-built-"));
    const script =
      'cd "$1" && truncate -s 1M sl_5.02-1_amd64.deb && printf x >> sl_5.02-1_amd64.deb && tar -c --sparse --format=gnu .';
    const { stdout } = await run("sh", ["-c", script, "sh", built], binary);

    await expect(collectInto(place.directory, Readable.from([stdout]))).rejects.toMatchObject({
      code: "hostile-result",
    });

    await rm(built, { recursive: true });
  });

  test("files or all of them together that are larger than allowed are refused before anything is read", async () => {
    const unread = new PassThrough();

    await expect(
      collectInto(place.directory, unread, { limits: { fileBytes: 10, totalBytes: 1e6 } }),
    ).rejects.toMatchObject({
      code: "result-too-large",
    });
    await expect(
      collectInto(place.directory, packTar(good), { limits: { fileBytes: 1e6, totalBytes: 30 } }),
    ).rejects.toMatchObject({ code: "result-too-large" });

    expect(unread.destroyed).toBe(true);
    expect(await readdir(place.parent)).toEqual([]);
  });

  test("a .changes that lists itself is refused", async () => {
    const text = changesOf({ ...files, [changesName]: "x" });

    await expect(collectInto(place.directory, packTar(good), { text })).rejects.toMatchObject({
      code: "hostile-result",
    });
  });

  test.each(["result.json", "lock.json", "events.jsonl", "sl_5.02-1_amd64.build", "sl.spdx.json.asc"])(
    "a .changes that lists %s, which debkiln itself writes, is refused",
    async (name) => {
      const text = changesOf({ ...files, [name]: "x" });

      await expect(collectInto(place.directory, packTar(good), { text })).rejects.toMatchObject({
        code: "hostile-result",
        message: expect.stringContaining("own files"),
      });
    },
  );

  test("a link that waits in the parent directory is not followed", async () => {
    await symlink("/etc", place.directory);

    await expect(collectInto(place.directory, packTar(good))).rejects.toMatchObject({
      code: "output-occupied",
    });

    expect(await readdir(place.parent)).toEqual(["results"]);
  });

  test("an interruption ends a tar that gives nothing", async () => {
    const stop = new AbortController();
    const stuck = new PassThrough();
    stuck.write((await buffer(packTar(good))).subarray(0, 1500));

    const collecting = collectInto(place.directory, stuck, { signal: stop.signal });
    setImmediate(() => stop.abort());

    await expect(collecting).rejects.toMatchObject({ fault: "interrupted" });
    expect(await readdir(place.parent)).toEqual([]);
  });
});
