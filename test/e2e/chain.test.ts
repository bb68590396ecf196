import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mainEngine } from "./engine.ts";
import { type Ended, removal, says } from "./kiln.ts";
import { type TinyPackage, writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

/** What became of each source, of the result of `chain --json`. */
const Result = z.object({
  type: z.literal("result"),
  result: z.object({
    sources: z.array(z.object({ name: z.string(), status: z.string(), needs: z.array(z.string()) })),
  }),
});

function statuses({ stdout }: Ended): Readonly<Record<string, string>> {
  const line = stdout.split("\n").find((each) => each.startsWith('{"type":"result"')) ?? "";
  const { sources } = Result.parse(JSON.parse(line)).result;
  return Object.fromEntries(sources.map(({ name, status }) => [name, status]));
}

/** The packages of tests that a build had in its environment, as its result tells. */
const seen = ["mkdir -p built", "dpkg-query -W -f '$${Package} ' 'tiny-*' > built/seen 2>/dev/null || true"];

describe(`debkiln chain on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  function tree(name: string, depends: string, more: Partial<TinyPackage> = {}): Promise<string> {
    const fields = depends === "" ? [] : [`Build-Depends: ${depends}`];
    return writeTree(kiln.directory, { name, fields, build: seen, ...more });
  }

  /** A package that no source of the chain gives. */
  async function debOf(name: string, field: string): Promise<string> {
    const directory = join(kiln.directory, name);
    await mkdir(join(directory, "DEBIAN"), { recursive: true });
    const fields = [
      `Package: ${name}`,
      "Version: 1.0",
      "Architecture: all",
      "Maintainer: A Person <a@person>",
    ];
    const control = [...fields, field, `Description: ${name}`, ""].join("\n");
    await writeFile(join(directory, "DEBIAN/control"), control);
    await execa("dpkg-deb", ["--root-owner-group", "--build", directory, `${directory}_1.0_all.deb`]);
    return `${directory}_1.0_all.deb`;
  }

  async function seenBy(name: string): Promise<readonly string[]> {
    const deb = join(kiln.directory, `${name}_1.0_amd64/${name}_1.0_amd64.deb`);
    const { stdout } = await execa("dpkg-deb", ["--fsys-tarfile", deb], { encoding: "buffer" });
    const word = await execa("tar", ["-xO", `./usr/share/${name}/built/seen`], { input: stdout });
    return word.stdout.trim().split(/\s+/).toSorted();
  }

  test("builds each source with what it needs, reuses what has not changed, and keeps a repository", async () => {
    const lib = await tree("tiny-lib", "", { binaries: { "tiny-lib-dev": "all", "tiny-lib-doc": "all" } });
    const tool = await tree("tiny-tool", "tiny-lib-dev, tiny-nothing [arm64], tiny-other <!nocheck>");
    const user = await tree("tiny-user", "tiny-tool | tiny-nothing");
    const alone = await tree("tiny-alone", "");
    const words = ["chain", "-d", "trixie", "--profiles", "nocheck", "--json", user, alone, tool, lib];

    const first = await kiln.run(...words);
    const again = await kiln.run(...words);

    expect(first).toMatchObject({ exitCode: 0 });
    const all = ["tiny-alone", "tiny-lib", "tiny-tool", "tiny-user"];
    expect(statuses(first)).toEqual(Object.fromEntries(all.map((name) => [name, "built"])));
    expect(statuses(again)).toEqual(Object.fromEntries(all.map((name) => [name, "reused"])));
    expect(await seenBy("tiny-tool")).toEqual(["tiny-lib-dev"]);
    expect(await seenBy("tiny-user")).toEqual(["tiny-tool"]);
    expect(await kiln.run("repo", "verify", "repo")).toMatchObject({ exitCode: 0 });

    // Another library: the tool gets other packages by that; what it gives is the same, so its user needs nothing new.
    await writeFile(join(lib, "greeting.txt"), "good evening\n");
    const changed = await kiln.run(...words);

    expect(statuses(changed)).toEqual({
      "tiny-alone": "reused",
      "tiny-lib": "built",
      "tiny-tool": "built",
      "tiny-user": "reused",
    });
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("builds nothing when sources need each other, and says which profile would help", async () => {
    const one = await tree("tiny-one", "tiny-two");
    const two = await tree("tiny-two", "tiny-one <!stage1>");

    const ended = await kiln.run("chain", "-d", "trixie", one, two);

    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain(
      "tiny-one needs tiny-two of tiny-two, tiny-two needs tiny-one of tiny-one",
    );
    expect(ended.stderr).toContain("--profiles stage1");
    expect((await readdir(kiln.directory)).filter((name) => /_|repo/.test(name))).toEqual([]);
  });

  test("goes on after a failure with what does not need it, and where it was when that is mended", async () => {
    const bad = await tree("tiny-bad", "", { build: ["exit 3"] });
    const above = await tree("tiny-above", "tiny-bad");
    const fine = await tree("tiny-fine", "");
    const lost = await tree("tiny-lost", "tiny-fin");
    const words = ["chain", "-d", "trixie", "-j", "1", "--json", bad, above, fine, lost];

    const stopped = await kiln.run(...words);
    const continued = await kiln.run(...words, "--continue");

    expect(stopped.exitCode).toBe(3);
    expect(statuses(stopped)).toEqual({
      "tiny-bad": "failed",
      "tiny-above": "skipped",
      "tiny-fine": "skipped",
      "tiny-lost": "skipped",
    });
    expect(continued.exitCode).toBe(3);
    expect(statuses(continued)).toEqual({
      "tiny-bad": "failed",
      "tiny-above": "skipped",
      "tiny-fine": "built",
      "tiny-lost": "failed",
    });
    const missing = await kiln.run("chain", "-d", "trixie", fine, lost);
    expect(missing.exitCode).toBe(4);
    expect(missing.stderr).toMatch(
      /error: tiny-lost 1\.0: .*tiny-fin.*\nhint: Did you mean tiny-fine, which/,
    );
    await rm(bad, { recursive: true });
    await tree("tiny-bad", "");
    // What it needs has a dependency that nobody can see in the sources: only a second round has it.
    await kiln.succeed("repo", "add", "repo", await debOf("tiny-between", "Depends: tiny-bad"));
    const over = await tree("tiny-over", "tiny-between");
    const mended = await kiln.run(...words.filter((word) => word !== lost), over, "--recurse");
    expect(mended).toMatchObject({ exitCode: 0 });
    expect(statuses(mended)).toEqual({
      "tiny-bad": "built",
      "tiny-above": "built",
      "tiny-fine": "reused",
      "tiny-over": "built",
    });
    expect(await seenBy("tiny-over")).toEqual(["tiny-bad", "tiny-between"]);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("survives being killed in the middle", async () => {
    const first = await tree("tiny-first", "");
    const endless = await tree("tiny-second", "tiny-first", { build: ["echo here I am", "sleep 600"] });
    const words = ["chain", "-v", "-d", "trixie", first, endless] as const;
    const killed = kiln.start(...words);
    await says(killed, /here I am/);
    killed.kill("SIGKILL");
    await killed;
    // What was never built may change meanwhile.
    await rm(endless, { recursive: true });
    await tree("tiny-second", "tiny-first");

    const resumed = await kiln.run(...words, "--json");

    expect(resumed).toMatchObject({ exitCode: 0 });
    expect(statuses(resumed)).toEqual({ "tiny-first": "reused", "tiny-second": "built" });
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
    expect(await kiln.run("repo", "verify", "repo")).toMatchObject({ exitCode: 0 });
    expect((await readdir(kiln.directory)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});
