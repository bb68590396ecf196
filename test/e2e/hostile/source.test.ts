import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { type TarEntry, packTar } from "../../../src/oci/tar.ts";
import { refusalOf, refused } from "../bad-input/place.ts";
import { program, readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");
let canaries: string;
beforeAll(async () => {
  // Under /tmp, which containers have as well: what is written there inside must not appear here.
  canaries = join(place.directory, "canaries");
  await mkdir(canaries, { mode: 0o777 });
  await chmod(canaries, 0o777);
});

test("what a source would have run on this machine runs in its container or not at all", async () => {
  const touch = (name: string) => `mkdir -p ${canaries} && touch ${canaries}/${name}`;
  const tree = await writeTree(place.directory, {
    name: "bad-hooks",
    rules: `#!/usr/bin/make -f
$(shell ${touch("parsed")})
clean build build-arch build-indep binary-indep:
	${touch("$@")}
binary binary-arch: build
	mkdir -p debian/bad-hooks/DEBIAN
	dpkg-gencontrol -Pdebian/bad-hooks
	dpkg-deb --root-owner-group --build debian/bad-hooks ..
	ls ${canaries}
`,
    files: {
      "debian/gbp.conf": `[DEFAULT]\nprebuild = ${touch("gbp")}\npostexport = ${touch("gbp")}\n`,
      "debian/watch": "version=4\nhttps://mirror.example/ bad-hooks-(.*).tar.gz\n",
      ".gitattributes": "* filter=evil\n",
    },
  });
  await execa("git", ["init", "-q", tree]);
  await execa("git", ["-C", tree, "config", "filter.evil.clean", touch("filter")]);
  await execa("git", ["-C", tree, "config", "core.fsmonitor", touch("fsmonitor")]);
  for (const hook of ["post-checkout", "pre-commit", "post-index-change"])
    await writeFile(join(tree, ".git/hooks", hook), `#!/bin/sh\n${touch(hook)}\n`, { mode: 0o755 });

  const built = await place.run(["build", tree]);
  const source = await place.run(["source", tree, "-o", "sources"]);

  expect([built, source]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  const { log } = await readRecords(join(place.directory, "out/bad-hooks_1.0_amd64"));
  expect(log).toMatch(/^parsed$/m);
  expect(await readdir(canaries)).toEqual([]);
});

test("a source's own configuration sets neither engine nor mirror nor where files go", async () => {
  const tree = await writeTree(place.directory, { name: "bad-config" });
  for (const line of [
    'engine = "tcp://192.0.2.1:1"',
    'mirror = "http://mirror.example/debian"',
    'output = "/etc"',
    'cache_dir = "/tmp/elsewhere"',
  ]) {
    await writeFile(join(tree, ".debkiln.toml"), `${line}\n`);

    const ended = await execa(program, ["build"], {
      cwd: tree,
      env: place.environment,
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });

    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/error: .*\.debkiln\.toml:1: "\w+" cannot be set by a project\nhint: /);
  }
});

describe("a source package that unpacks", () => {
  const common = { uid: 0, gid: 0, mtime: 0 };
  const file = (path: string): TarEntry => ({
    ...common,
    type: "file",
    path,
    mode: 0o4755,
    size: 4,
    content: () => Buffer.from("evil"),
  });

  test.each<[what: string, orig: readonly TarEntry[], patch: string, says: RegExp]>([
    [
      "upward",
      [file("bad-tar-1.0/../../../../../../../../../tmp/planted")],
      "",
      /Member name contains '\.\.'/,
    ],
    [
      "through a link",
      [
        { ...common, type: "symlink", path: "bad-tar-1.0/up", mode: 0o777, linkTarget: "/build" },
        file("bad-tar-1.0/up/planted"),
      ],
      "",
      /up\/planted: Cannot open: Not a directory/,
    ],
    [
      "upon a hard link",
      [{ ...common, type: "link", path: "bad-tar-1.0/shadow", mode: 0o777, linkTarget: "/etc/passwd" }],
      "",
      /Cannot hard link to/,
    ],
    [
      "a patch upward",
      [file("bad-tar-1.0/good")],
      addition("../../../../../tmp/planted"),
      /contains an insecure path/,
    ],
  ])("%s fails, and has written nothing on this machine", async (what, orig, patches, says) => {
    const directory = join(place.directory, what.replaceAll(" ", "-"));
    await mkdir(directory);
    const dsc = await writeSource(directory, orig, patches);

    const ended = await place.run(["build", "--no-arch-all", dsc]);

    expect(refusalOf(ended)).toEqual(
      refused({
        exitCode: 3,
        says: /^The source does not unpack \(dpkg-source: exit code \d+\)$/,
        hint: /dpkg-source/,
      }),
    );
    expect(ended.stderr).toMatch(says);
    expect(await readdir("/tmp")).not.toContain("planted");
    expect(await readdir(directory)).toHaveLength(3);
  });
});

/** A patch that makes a file. */
function addition(path: string): string {
  return `--- a/${path}\n+++ b/${path}\n@@ -0,0 +1 @@\n+evil\n`;
}

/** A source package of format 3.0 (quilt) whose original tarball has these entries; gives its .dsc. */
async function writeSource(directory: string, orig: readonly TarEntry[], patch: string): Promise<string> {
  const tree = await writeTree(
    directory,
    { name: "bad-tar", version: "1.0-1", format: "3.0 (quilt)" },
    { orig: false },
  );
  if (patch !== "") {
    await mkdir(join(tree, "debian/patches"));
    await writeFile(join(tree, "debian/patches/series"), "evil.patch\n");
    await writeFile(join(tree, "debian/patches/evil.patch"), patch);
  }
  const debian = join(directory, "bad-tar_1.0-1.debian.tar.gz");
  await execa("tar", ["-czf", debian, "-C", tree, "debian"]);
  await execa("rm", ["-r", tree]);
  const top: TarEntry = { type: "directory", path: "bad-tar-1.0", mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  await writeFile(
    join(directory, "bad-tar_1.0.orig.tar.gz"),
    gzipSync(await buffer(packTar([top, ...orig]))),
  );
  const names = ["bad-tar_1.0.orig.tar.gz", "bad-tar_1.0-1.debian.tar.gz"];
  const listed = async (algorithm: string) => {
    const lines = names.map(async (name) => {
      const content = await readFile(join(directory, name));
      return ` ${createHash(algorithm).update(content).digest("hex")} ${content.length} ${name}`;
    });
    return (await Promise.all(lines)).join("\n");
  };
  const dsc = join(directory, "bad-tar_1.0-1.dsc");
  await writeFile(
    dsc,
    `Format: 3.0 (quilt)
Source: bad-tar
Binary: bad-tar
Architecture: any
Version: 1.0-1
Maintainer: A Person <person@mirror.example>
Checksums-Sha256:
${await listed("sha256")}
Files:
${await listed("md5")}
`,
  );
  return dsc;
}
