import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectResults } from "../../../src/build/collect.ts";
import { parseChanges } from "../../../src/debian/changes.ts";
import { packTar, type TarEntry } from "../../../src/oci/tar.ts";

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "debkiln-collect-"));
  directory = join(parent, "results");
});

afterEach(() => rm(parent, { recursive: true }));

const files = {
  "sl_5.02-1_amd64.deb": "the package",
  "sl-dbgsym_5.02-1_amd64.deb": "its symbols",
  "sl_5.02-1_amd64.buildinfo": "Format: 1.0\n",
};
const changesName = "sl_5.02-1_amd64.changes";
const changesText = changesOf(files);

function changesOf(contents: Record<string, string>): string {
  const lines = Object.entries(contents).map(([name, content]) => {
    const sum = (algorithm: string) => createHash(algorithm).update(content).digest("hex");
    return {
      md5: `${sum("md5")} ${content.length} games optional ${name}`,
      sha256: `${sum("sha256")} ${content.length} ${name}`,
    };
  });
  return [
    "Format: 1.8",
    "Source: sl",
    "Binary: sl sl-dbgsym",
    "Architecture: amd64",
    "Version: 5.02-1",
    "Distribution: trixie",
    `Checksums-Sha256:\n ${lines.map(({ sha256 }) => sha256).join("\n ")}`,
    `Files:\n ${lines.map(({ md5 }) => md5).join("\n ")}`,
    "",
  ].join("\n");
}

const common = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

function file(path: string, content: string): TarEntry {
  return {
    ...common,
    type: "file",
    path,
    size: Buffer.byteLength(content),
    content: () => Buffer.from(content),
  };
}

const root: TarEntry = { ...common, type: "directory", path: "results/", mode: 0o755 };
const good = [
  root,
  ...Object.entries({ ...files, [changesName]: changesText }).map(([name, content]) =>
    file(`results/${name}`, content),
  ),
];

function collect(
  tar: Readable,
  changed: { text?: string; limits?: { fileBytes: number; totalBytes: number }; signal?: AbortSignal } = {},
) {
  const text = changed.text ?? changesText;
  return collectResults({
    tar,
    changesFile: { name: changesName, content: Buffer.from(text) },
    changes: parseChanges(text, changesName),
    directory,
    limits: changed.limits ?? { fileBytes: 1e6, totalBytes: 1e7 },
    signal: changed.signal ?? new AbortController().signal,
  });
}

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

describe("results that are as their .changes says", () => {
  test("come into the directory byte for byte, and are listed by kind", async () => {
    const artifacts = await collect(packTar(good));

    expect(artifacts.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ["sl-dbgsym_5.02-1_amd64.deb", "deb", 11],
      ["sl_5.02-1_amd64.buildinfo", "buildinfo", 12],
      [changesName, "changes", changesText.length],
      ["sl_5.02-1_amd64.deb", "deb", 11],
    ]);
    expect(artifacts[3]?.path).toBe(join(directory, "sl_5.02-1_amd64.deb"));
    expect(await readFile(join(directory, "sl_5.02-1_amd64.deb"), "utf8")).toBe("the package");
    expect(await readdir(parent)).toEqual(["results"]);
  });

  test.each(["gnu", "pax", "ustar"])(
    "are read from GNU tar's %s format with a leading ./",
    async (format) => {
      const built = await mkdtemp(join(tmpdir(), "debkiln-built-"));
      for (const [name, content] of Object.entries({ ...files, [changesName]: changesText }))
        await writeFile(join(built, name), content);
      const tar = spawn("tar", ["--create", `--format=${format}`, "-C", built, "."], {
        stdio: ["ignore", "pipe", "inherit"],
      });

      const artifacts = await collect(tar.stdout);
      await rm(built, { recursive: true });

      expect(artifacts).toHaveLength(4);
    },
  );

  test("take the place of earlier results", async () => {
    await mkdir(directory);
    await writeFile(join(directory, "sl_5.01-1_amd64.changes"), "old");

    await collect(packTar(good));

    expect((await readdir(directory)).toSorted()).toEqual([...Object.keys(files), changesName].toSorted());
    expect(await readdir(parent)).toEqual(["results"]);
  });

  test("do not replace a directory with anything else in it", async () => {
    await mkdir(join(directory, "thesis"), { recursive: true });

    await expect(collect(packTar(good))).rejects.toMatchObject({ fault: "usage", code: "output-occupied" });

    expect(await readdir(directory)).toEqual(["thesis"]);
    expect(await readdir(parent)).toEqual(["results"]);
  });
});

const deb = "results/sl_5.02-1_amd64.deb";
const withoutDeb = good.filter(({ path }) => path !== deb);
const link = (path: string, linkTarget: string) => ({
  ...common,
  type: "symlink" as const,
  path,
  linkTarget,
});

const attacks: [string, () => Readable, string][] = [
  [
    "a symbolic link for a package",
    () => packTar([...withoutDeb, link(deb, "/etc/shadow")]),
    "hostile-result",
  ],
  [
    "a hard link for a package",
    () => packTar([...withoutDeb, { ...link(deb, "results/sl.x"), type: "link" }]),
    "hostile-result",
  ],
  [
    "a symbolic link in place of the directory",
    () => packTar([link("results", "/etc"), ...good.slice(1)]),
    "hostile-result",
  ],
  [
    "a character device",
    () => rawTar({ name: "results/null", type: "character-device", devmajor: 1, devminor: 3 }),
    "hostile-result",
  ],
  ["a block device", () => rawTar({ name: "results/sda", type: "block-device" }), "hostile-result"],
  ["a named pipe", () => rawTar({ name: "results/pipe", type: "fifo" }), "hostile-result"],
  ["a contiguous file", () => rawTar({ name: "results/x", type: "contiguous-file" }), "hostile-result"],
  ["a directory below", () => packTar([...good, { ...root, path: "results/sub/" }]), "hostile-result"],
  ["a second root", () => packTar([root, { ...root, path: "other/" }, ...good.slice(1)]), "hostile-result"],
  ["a root that leads upward", () => packTar([{ ...root, path: "../" }, ...good.slice(1)]), "hostile-result"],
  ["a root below", () => packTar([{ ...root, path: "results/sub/" }]), "hostile-result"],
  [
    "an absolute path",
    () => packTar([...withoutDeb, file("/etc/cron.d/x", "the package")]),
    "hostile-result",
  ],
  [
    "a path that leads upward",
    () => packTar([...withoutDeb, file("results/../sl_5.02-1_amd64.deb", "the package")]),
    "hostile-result",
  ],
  [
    "a path in a directory below",
    () => packTar([...withoutDeb, file("results/x/sl_5.02-1_amd64.deb", "the package")]),
    "hostile-result",
  ],
  [
    "a PAX path that leads upward",
    () => rawTar({ name: "results/ok", pax: { path: "../../etc/passwd" } }),
    "hostile-result",
  ],
  [
    "a PAX link path",
    () => rawTar({ name: "results/ok", pax: { linkpath: "/etc/passwd" } }),
    "hostile-result",
  ],
  [
    "a sparse map in PAX",
    () => rawTar({ name: deb, pax: { "GNU.sparse.major": "1", "GNU.sparse.realsize": "99999999" } }),
    "hostile-result",
  ],
  [
    "a name with a line break",
    () => packTar([...good, file("results/a\n::set-output name=x::y", "")]),
    "hostile-result",
  ],
  ["a file twice", () => packTar([...good, file(deb, "the package")]), "hostile-result"],
  ["a file that is not listed", () => packTar([...good, file("results/extra.deb", "x")]), "hostile-result"],
  [
    "a file with more bytes",
    () => packTar([...withoutDeb, file(deb, "the package and more")]),
    "result-mismatch",
  ],
  ["a file with other bytes", () => packTar([...withoutDeb, file(deb, "THE PACKAGE")]), "result-mismatch"],
  [
    "another .changes than was read",
    () =>
      packTar([
        ...good.slice(0, -1),
        file(`results/${changesName}`, changesText.replace("trixie", "bookwo")),
      ]),
    "result-mismatch",
  ],
  ["a listed file that is not there", () => packTar(withoutDeb), "result-missing"],
  ["nothing at all", () => Readable.from([Buffer.alloc(1024)]), "result-missing"],
  ["bytes that are no tar", () => Readable.from([Buffer.alloc(4096, "x")]), "tar-malformed"],
  ["a tar that is cut off", () => Readable.from(cutOff()), "tar-malformed"],
];

async function* cutOff() {
  yield (await buffer(packTar(good))).subarray(0, 1536 + 5);
}

describe("results that are not as they should be leave nothing behind", () => {
  test.each(attacks)("%s", async (_, tar, code) => {
    await mkdir(directory);
    await writeFile(join(directory, "result.json"), "{}");

    await expect(collect(tar())).rejects.toMatchObject({ code });

    expect(await readdir(parent)).toEqual(["results"]);
    expect(await readdir(directory)).toEqual(["result.json"]);
  });

  test("a sparse file as GNU tar writes it is refused", async () => {
    const built = await mkdtemp(join(tmpdir(), "debkiln-built-"));
    const script =
      'cd "$1" && truncate -s 1M sl_5.02-1_amd64.deb && printf x >> sl_5.02-1_amd64.deb && tar -c --sparse --format=gnu .';
    const tar = spawn("sh", ["-c", script, "sh", built], { stdio: ["ignore", "pipe", "inherit"] });

    await expect(collect(tar.stdout)).rejects.toMatchObject({ code: "hostile-result" });

    await rm(built, { recursive: true });
  });

  test("files or all of them together that are larger than allowed are refused before anything is read", async () => {
    const unread = new PassThrough();

    await expect(collect(unread, { limits: { fileBytes: 10, totalBytes: 1e6 } })).rejects.toMatchObject({
      code: "result-too-large",
    });
    await expect(
      collect(packTar(good), { limits: { fileBytes: 1e6, totalBytes: 30 } }),
    ).rejects.toMatchObject({ code: "result-too-large" });

    expect(unread.destroyed).toBe(true);
    expect(await readdir(parent)).toEqual([]);
  });

  test("a .changes that lists itself is refused", async () => {
    const text = changesOf({ ...files, [changesName]: "x" });

    await expect(collect(packTar(good), { text })).rejects.toMatchObject({ code: "hostile-result" });
  });

  test("a link that waits in the parent directory is not followed", async () => {
    await symlink("/etc", directory);

    await expect(collect(packTar(good))).rejects.toMatchObject({ code: "output-occupied" });

    expect(await readdir(parent)).toEqual(["results"]);
  });

  test("an interruption ends a tar that gives nothing", async () => {
    const stop = new AbortController();
    const stuck = new PassThrough();
    stuck.write((await buffer(packTar(good))).subarray(0, 1500));

    const collecting = collect(stuck, { signal: stop.signal });
    setImmediate(() => stop.abort());

    await expect(collecting).rejects.toMatchObject({ fault: "interrupted" });
    expect(await readdir(parent)).toEqual([]);
  });
});
