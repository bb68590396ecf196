import { access, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Task } from "../../../src/base/event.ts";
import { openGit } from "../../../src/build/open-git.ts";
import { checkOut, remoteState } from "../../../src/build/source/git-checkout.ts";
import { uncommittedChanges } from "../../../src/build/source/uncommitted.ts";
import { Store } from "../../../src/store/store.ts";

const run = { signal: new AbortController().signal };

describe("a git repository", () => {
  let directory: string;
  let clone: string;
  beforeEach(async () => {
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

  test("gives the tree of its HEAD, and the original tarball of its upstream tag", async () => {
    const out = await checkedOut(null);

    expect(await readdir(out)).toEqual(["sl_1.0.orig.tar.gz", "tree"]);
    expect((await readdir(join(out, "tree"))).toSorted()).toEqual([".gitattributes", "debian", "sl.c"]);
    const { stdout } = await execa("tar", ["-tzf", join(out, "sl_1.0.orig.tar.gz")]);
    expect(stdout.split("\n")).toEqual(["sl-1.0/", "sl-1.0/.gitattributes", "sl-1.0/sl.c"]);
  });

  test("takes an original tarball that lies beside the clone before it makes one", async () => {
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "the real one");

    const out = await checkedOut(null);

    expect(await readdir(out)).toEqual(["sl_1.0.orig.tar.xz", "tree"]);
  });

  test("is kept, and fetched again once a tarball beside the clone is another", async () => {
    const store = new Store(join(directory, "store"));
    const address = { url: pathToFileURL(clone).href, reference: null };
    const open = () => openGit({ store, ...run }, address, new Task(() => undefined, []));

    const made = await open();
    const kept = await open();
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "one");
    const taken = await open();
    await writeFile(join(directory, "sl_1.0.orig.tar.xz"), "another");
    const changed = await open();

    expect(kept.directory).toBe(made.directory);
    expect(made.origTarballs).toEqual(["sl_1.0.orig.tar.gz"]);
    expect(taken.origTarballs).toEqual(["sl_1.0.orig.tar.xz"]);
    expect(await readFile(join(changed.directory ?? "", "../sl_1.0.orig.tar.xz"), "utf8")).toBe("another");
  });

  test.each(["/dev/zero", "gbp.conf"])("reads no %s of this machine as its gbp.conf", async (target) => {
    await writeFile(join(directory, "gbp.conf"), "[DEFAULT]\nupstream-tag = upstream/%(version)s\n");
    await symlink(resolve(directory, target), join(clone, "debian/gbp.conf"));
    await commit("link");

    await expect(checkedOut(null)).rejects.toMatchObject({ fault: "package", code: "link-out-of-tree" });
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
    await checkedOut(null);

    expect(changes.toSorted()).toEqual([" M .gitattributes", " M sl.c"]);
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

  test("that fails repeats no token, neither in its words nor in its details", async () => {
    const url = "https://s3cret@127.0.0.1:1/sl.git";

    const failure = await remoteState({ url, reference: null }, run).catch((thrown: unknown) => thrown);

    expect(failure).toMatchObject({ code: "git-failed", details: { argv: expect.anything() } });
    expect(inspect(failure, { depth: null })).not.toContain("s3cret");
  });

  async function checkedOut(reference: string | null): Promise<string> {
    const out = await mkdtemp(join(directory, "out-"));
    const address = { url: pathToFileURL(clone).href, reference };
    await checkOut(address, await remoteState(address, run), out, {
      run,
      task: new Task(() => undefined, []),
    });
    return out;
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
    await writeFile(join(clone, path), text);
  }
});
