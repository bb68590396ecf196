import { access, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Event, Task } from "../../../src/base/event.ts";
import { completeClone } from "../../../src/build/complete-tree.ts";
import { openGit } from "../../../src/build/open-git.ts";
import type { OpenedSource } from "../../../src/build/source.ts";
import { remoteState } from "../../../src/build/source/git-checkout.ts";
import type { SourceOpening } from "../../../src/build/source/opening.ts";
import type { OrigChoice } from "../../../src/build/source/policy.ts";
import { bringRepository, listClone } from "../../../src/build/source/repository.ts";
import { openTree } from "../../../src/build/source/tree.ts";
import { uncommittedChanges } from "../../../src/build/source/uncommitted.ts";
import { readTar } from "../../../src/oci/tar-reader.ts";
import { offlineKiln } from "./offline-kiln.ts";

const run = { signal: new AbortController().signal };

describe("a git repository", () => {
  let directory: string;
  let clone: string;
  let events: Event[];
  beforeEach(async () => {
    events = [];
    directory = await mkdtemp(join(tmpdir(), "debkiln-git-test-"));
    clone = join(directory, "sl");
    await mkdir(join(clone, "debian/source"), { recursive: true });
    await git("init", "--quiet", "--initial-branch=debian/latest");
    await write("sl.c", "int main;\n");
    await write(".gitattributes", "*.c export-ignore\n$Id$ ident\n");
    await commit("upstream");
    await git("tag", "upstream/1.0");
    await write(
      "debian/control",
      "Source: sl\nMaintainer: A <a@b.c>\n\nPackage: sl\nArchitecture: any\nDescription: x\n",
    );
    await write("debian/source/format", "3.0 (quilt)\n");
    await write(
      "debian/changelog",
      "sl (1.0-1) sid; urgency=low\n\n  * x\n\n -- A <a@b.c>  Thu, 01 Jan 2026 00:00:00 +0000\n",
    );
    await commit("packaging");
    await git("tag", "--annotate", "--message=x", "debian/1.0-1");
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("gives the tree of its HEAD, and of its upstream tag the bytes that gbp makes", async () => {
    const source = await opened(null);

    expect(source.origTarballs).toEqual(["sl_1.0.orig.tar.gz"]);
    expect((await readdir(source.directory ?? "")).toSorted()).toEqual([".gitattributes", "debian", "sl.c"]);
    // gbp itself would heed the attributes of the tree, which are overruled here.
    await writeFile(join(clone, ".git/info/attributes"), "* -export-ignore\n");
    const archive = ["git", "-C", clone, "archive", "--format=tar", "--prefix=sl-1.0/", "upstream/1.0"];
    const oracle = await execa("sh", ["-c", `${archive.join(" ")} | gzip -n`], {
      encoding: "buffer",
      stripFinalNewline: false,
    });
    expect(Buffer.from(oracle.stdout).equals(await original(source, "sl_1.0.orig.tar.gz"))).toBe(true);
  });

  test("gives components tarballs of their own, the same at any time, as its gbp.conf says", async () => {
    await write("theme/a.css", "a\n");
    await write(
      "debian/gbp.conf",
      "[DEFAULT]\nupstream-tag = v%(hversion)s\ncomponent = ['theme']\ncompression = xz\n",
    );
    await git("rm", "--quiet", "-r", "--cached", "debian");
    await git("add", "theme");
    await git("commit", "--quiet", "--message", "upstream");
    await git("tag", "v1-0");
    await commit("packaging");

    const one = await opened(null, "tag");
    const names = ["sl_1.0.orig-theme.tar.xz", "sl_1.0.orig.tar.xz"];
    const bytes = await Promise.all(names.map((name) => original(one, name)));
    await rm(join(directory, "store"), { recursive: true });
    const other = await opened(null, "tag");

    expect(one.origTarballs).toEqual(names);
    expect(await contents(one, "sl_1.0.orig-theme.tar.xz")).toEqual(["sl-1.0/", "sl-1.0/a.css"]);
    expect(await contents(one, "sl_1.0.orig.tar.xz")).toEqual([
      "sl-1.0/",
      "sl-1.0/.gitattributes",
      "sl-1.0/sl.c",
    ]);
    expect(await Promise.all(names.map((name) => original(other, name)))).toEqual(bytes);
  });

  test.each([
    ["BRANCH", "upstream-branch = up", ["sl-1.0/", "sl-1.0/.gitattributes", "sl-1.0/sl.c"]],
    ["SLOPPY", "", ["sl-1.0/", "sl-1.0/.gitattributes", "sl-1.0/extra", "sl-1.0/sl.c"]],
    ["up", "", ["sl-1.0/", "sl-1.0/.gitattributes", "sl-1.0/sl.c"]],
  ])("takes upstream from where upstream-tree = %s says", async (tree, more, expected) => {
    await git("branch", "up", "upstream/1.0");
    await git("tag", "--delete", "upstream/1.0");
    await write("extra", "x\n");
    await write("debian/gbp.conf", `[DEFAULT]\nupstream-tree = ${tree}\n[buildpackage]\n${more}\n`);
    await commit("conf");

    expect(await contents(await opened(null), "sl_1.0.orig.tar.gz")).toEqual(expected);
  });

  test("of a clone here is that of its tree too, without a word of its configuration", async () => {
    const tree = await openTree(clone);
    const kiln = offlineKiln(join(directory, "store"));

    const source = await completeClone(kiln, tree, opening("auto"));
    const unwanted = await completeClone(kiln, tree, { ...opening("auto"), originals: "unwanted" });

    expect(source).toMatchObject({ directory: clone, origTarballs: ["sl_1.0.orig.tar.gz"] });
    expect(unwanted.origTarballs).toEqual([]);
  });

  test("that has none is told with all that was tried", async () => {
    await git("tag", "--delete", "upstream/1.0");

    expect((await opened(null)).origTried).toEqual([
      "pristine-tar: there is no branch pristine-tar",
      "tag: there is no tag upstream/1.0, v1.0, 1.0",
    ]);
    await expect(opened(null, "pristine-tar")).rejects.toMatchObject({
      fault: "package",
      code: "orig-tarball-missing",
    });
    expect((await opened(null, "beside")).origTried).toEqual([]);
  });

  test("is fetched over ssh as well", async () => {
    const ssh = join(directory, "ssh");
    await writeFile(ssh, '#!/bin/sh\nshift $(($# - 1))\neval "$1"\n', { mode: 0o755 });
    const over = { ...run, environment: { GIT_SSH: ssh, GIT_SSH_VARIANT: "simple" } };
    const address = { url: `ssh://mirror.example${clone}`, reference: "debian/1.0-1" };

    const state = await remoteState(address, over);
    const repository = await bringRepository(address.url, state.listing, join(directory, "bare"), over);

    expect(state.commit).toBe(await git("rev-parse", "HEAD"));
    expect(await listClone(join(directory, "bare"), run)).toContain("refs/tags/upstream/1.0");
    expect([...repository.references.keys()]).toContain("refs/tags/debian/1.0-1^{}");
  });

  test("takes an original tarball that lies beside the clone before it makes one", async () => {
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "the real one");

    expect((await opened(null)).origTarballs).toEqual(["sl_1.0.orig.tar.xz"]);
  });

  test("is kept, and fetched again once a tarball beside the clone is another", async () => {
    const made = await opened(null);
    const kept = await opened(null);
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "one");
    const taken = await opened(null);
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "another");
    const changed = await opened(null);

    expect(kept.directory).toBe(made.directory);
    expect(made.findings?.[0]).toMatch(/^Original tarball: made of the tag upstream\/1.0 by git archive/);
    expect(made.origTarballs).toEqual(["sl_1.0.orig.tar.gz"]);
    expect(taken.origTarballs).toEqual(["sl_1.0.orig.tar.xz"]);
    expect(await readFile(join(changed.directory ?? "", "../sl_1.0.orig.tar.xz"), "utf8")).toBe("another");
  });

  test.each(["/dev/zero", "gbp.conf"])("reads no %s of this machine as its gbp.conf", async (target) => {
    await writeFile(join(directory, "gbp.conf"), "[DEFAULT]\nupstream-tag = upstream/%(version)s\n");
    await symlink(resolve(directory, target), join(clone, "debian/gbp.conf"));
    await commit("link");

    await expect(opened(null)).rejects.toMatchObject({ fault: "package", code: "link-out-of-tree" });
  });

  test("knows tags, branches and commits, and proposes one for what it does not know", async () => {
    const head = await git("rev-parse", "HEAD");
    const url = pathToFileURL(clone).href;

    for (const reference of ["debian/1.0-1", "debian/latest", head, null])
      expect((await remoteState({ url, reference }, run)).commit).toBe(head);
    await expect(remoteState({ url, reference: "debian/1.0-2" }, run)).rejects.toMatchObject({
      code: "git-reference-missing",
      hint: "Did you mean debian/1.0-1?",
    });
  });

  test("runs neither its hooks nor its filters", async () => {
    const trap = join(directory, "trapped");
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change", "fsmonitor"])
      await writeFile(join(clone, ".git/hooks", hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await git("config", "core.fsmonitor", join(clone, ".git/hooks/fsmonitor"));
    await git("config", "filter.trap.clean", `touch ${trap}; cat`);
    await git("config", "filter.trap.smudge", `touch ${trap}; cat`);
    await git("config", "uploadpack.packObjectsHook", `touch ${trap};`);
    await write(".gitattributes", "* filter=trap\n");
    await write("sl.c", "int other;\n");

    const changes = await uncommittedChanges(clone, run);
    await opened(null);

    expect(changes.toSorted()).toEqual([" M .gitattributes", " M sl.c"]);
    await expect(access(trap)).rejects.toThrow(/ENOENT/);
  });

  test("that is partial has nothing fetched by the commands in its configuration", async () => {
    const trap = join(directory, "trapped");
    await git("config", "core.repositoryFormatVersion", "1");
    await git("config", "extensions.partialClone", "origin");
    await git("config", "remote.origin.promisor", "true");
    await git("config", "remote.origin.url", "ssh://mirror.example/sl");
    await git("config", "core.sshCommand", `touch ${trap};`);
    await writeFile(join(clone, ".git/refs/heads/debian/latest"), `${"1".repeat(40)}\n`);
    await execa("git", ["-C", clone, "rev-parse", "HEAD^{commit}"], { reject: false });
    await rm(trap);

    const changes = await uncommittedChanges(clone, run);
    const failed = await opened(null).catch((thrown: unknown) => thrown);

    expect(changes).toEqual([]);
    expect(failed).toMatchObject({ code: "git-failed" });
    await expect(access(trap)).rejects.toThrow(/ENOENT/);
  });

  test("whose .git is a link is read as git reads it, and runs nothing either", async () => {
    const trap = join(directory, "trapped");
    await rename(join(clone, ".git"), join(directory, "elsewhere"));
    await symlink(join(directory, "elsewhere"), join(clone, ".git"));
    await git("config", "core.fsmonitor", `touch ${trap}; true`);
    await write("sl.c", "int other;\n");

    expect(await uncommittedChanges(clone, run)).toEqual([" M sl.c"]);
    expect(
      (await completeClone(offlineKiln(join(directory, "store")), await openTree(clone), opening("auto")))
        .origTarballs,
    ).toHaveLength(1);
    await expect(access(trap)).rejects.toThrow(/ENOENT/);
  });

  test("has no changes where debkiln alone left something in it", async () => {
    await write("sl_1.0-1_amd64/result.json", "{}");
    await write("sl_1.0-1_amd64.failed/result.json", "{}");
    await write("notes", "");

    expect(await uncommittedChanges(clone, run)).toEqual(["?? notes"]);
  });

  test("with submodules is taken without them, and nothing of theirs is asked for", async () => {
    const trap = join(directory, "trapped");
    await write(
      ".gitmodules",
      `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ${trap}\n\tupdate = !touch ${trap}\n`,
    );
    await git("update-index", "--add", "--cacheinfo", `160000,${"2".repeat(40)},x`);
    await git("add", ".gitmodules");
    await git("commit", "--quiet", "--message", "submodule");

    const { directory: tree } = await opened(null);

    expect(await readdir(join(tree ?? "", "x"))).toEqual([]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "warning", message: expect.stringContaining("submodules") }),
    );
    await expect(access(trap)).rejects.toThrow(/ENOENT/);
  });

  test("has no changes when all is committed, and where there is no git", async () => {
    expect(await uncommittedChanges(clone, run)).toEqual([]);
    expect(await uncommittedChanges(directory, run)).toEqual([]);
  });

  test("that is nowhere is named with git's own words", async () => {
    const url = pathToFileURL(join(directory, "nothing")).href;

    await expect(remoteState({ url, reference: null }, run)).rejects.toMatchObject({
      code: "git-failed",
      fault: "infrastructure",
    });
  });

  test("of another user is not read, and git's own way to trust it is named", async () => {
    const others = { ...run, environment: { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" } };

    await expect(listClone(clone, others)).rejects.toMatchObject({
      message: "git for-each-ref failed: the repository is another user's",
      hint: expect.stringContaining("git config --global --add safe.directory"),
    });
  });

  test("that fails repeats no token, neither in its words nor in its details", async () => {
    const url = "https://s3cret@127.0.0.1:1/sl.git";

    const failure = await remoteState({ url, reference: null }, run).catch((thrown: unknown) => thrown);

    expect(failure).toMatchObject({ code: "git-failed", details: { argv: expect.anything() } });
    expect(inspect(failure, { depth: null })).not.toContain("s3cret");
  });

  function opening(orig: OrigChoice): SourceOpening {
    return {
      place: () => Promise.reject(new Error("no tools are needed")),
      policy: { signature: "skip", keyrings: [], orig },
      originals: "wanted",
      task: new Task((event) => events.push(event), []),
    };
  }

  async function opened(reference: string | null, orig: OrigChoice = "auto"): Promise<OpenedSource> {
    const address = { url: pathToFileURL(clone).href, reference };
    return await openGit(offlineKiln(join(directory, "store")), address, opening(orig));
  }

  async function contents(source: OpenedSource, name: string): Promise<readonly string[]> {
    const file = join(directory, name);
    await writeFile(file, await original(source, name));
    return (await execa("tar", ["-taf", file])).stdout.split("\n");
  }

  async function git(...words: readonly string[]): Promise<string> {
    const identity = [
      "-c",
      "user.name=A",
      "-c",
      "user.email=a@b.c",
      "-c",
      "commit.gpgsign=false",
      "-c",
      "tag.gpgsign=false",
    ];
    return (await execa("git", ["-C", clone, ...identity, ...words])).stdout;
  }

  async function commit(message: string): Promise<void> {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
  }

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await writeFile(join(clone, path), text);
  }
});

/** The bytes of an original tarball as they would go into a build. */
async function original(source: OpenedSource, name: string): Promise<Buffer> {
  for await (const { header, content } of readTar(source.tar({ uid: 0, gid: 0 })))
    if (header.path === name) return await buffer(content);
  throw new Error(`${name} is not sent`);
}
