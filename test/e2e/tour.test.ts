import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { commandNamed } from "../../src/cli/command-line.ts";
import { commandFiles } from "../../src/cli/commands/files.ts";
import { sourceFromDsc } from "../../src/debian/source-package.ts";
import { describeEngines } from "../engine/engines.ts";
import { makeDeb } from "../unit/repository/packages.ts";
import { mainEngine } from "./engine.ts";
import { digestOfBase } from "./fetched.ts";
import { program, readRecords, removal } from "./kiln.ts";
import { provenBy } from "./on-every-engine.ts";
import { kilnFor } from "./opened.ts";
import { writeTree } from "./package.ts";

const trixie = ["-d", "trixie"];

const Shown = z.object({
  history: z.array(z.string()),
  lock: z.object({ packages: z.array(z.object({ name: z.string(), version: z.string() })) }),
});
const Listed = z.array(z.object({ kind: z.string(), reference: z.string() }));
const Targets = z.array(z.object({ name: z.string(), hasBase: z.boolean() }));
const Needing = z.array(
  z.object({
    source: z.string(),
    relations: z.array(z.object({ field: z.string(), relation: z.string() })),
  }),
);

/** What each command does in its engine. Whatever else it can do is tried on one engine, in a file of its own. */
describeEngines("on a tour of the commands", (engine) => {
  const kiln = kilnFor("all tests", engine);
  let name: string;
  const toured = new Set<string>();
  beforeAll(() => {
    name = `tour-${randomBytes(4).toString("hex")}`;
  });
  afterAll(async () => void (await kiln.run("env", "rm", name)));

  /** Runs a command that is to go well; gives what it prints. */
  async function tour(...words: readonly string[]): Promise<string> {
    const ended = await kiln.run(...words);
    expect(ended).toMatchObject({ exitCode: 0 });
    toured.add(commandNamed(words, commandFiles)?.id ?? "none");
    return ended.stdout;
  }

  async function resultOf<T>(schema: z.ZodType<T>, ...words: readonly string[]): Promise<T> {
    const last: unknown = JSON.parse((await tour(...words, "--json")).trimEnd().split("\n").at(-1) ?? "");
    return z.object({ type: z.literal("result"), result: schema }).parse(last).result;
  }

  /** Makes a package and has it in the repository `ours`. */
  async function publish(version: string, ...names: readonly string[]): Promise<void> {
    const debs = names.map((each) => makeDeb(kiln.directory, { name: each, version, architecture: "all" }));
    await tour("repo", "add", "ours", ...(await Promise.all(debs)));
  }

  /** Makes a repository; what builds and environments need to know of it comes to `NAME.sources`. */
  async function initialise(repository: string): Promise<void> {
    const text = await tour("repo", "init", repository);
    await writeFile(join(kiln.directory, `${repository}.sources`), text.slice(text.indexOf("Types:")));
  }

  const inside = (script: string, at = name) => tour("exec", "--env", at, "--", "sh", "-c", script);
  const tools = "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' 'tiny-*'";

  test("an environment is made, changed, remembered and restored", async () => {
    await initialise("ours");
    await publish("1.0", "tiny-tool");
    await tour("env", "init", name, ...trixie, "--repository", "ours.sources");
    await tour("install", "--env", name, "tiny-tool");
    await tour("snapshot", "create", name, "before");
    await publish("2.0", "tiny-tool");
    await tour("upgrade", "--env", name, "tiny-tool");
    await writeFile(join(kiln.directory, "note"), "in\n");
    await tour("cp", "note", `${name}:/build/reproducible-path`);
    await tour("exec", "--env", name, "--save", "--", "sh", "-c", "echo and out >> note");
    await tour("cp", `${name}:/build/reproducible-path/note`, "copied");
    const changed = await inside(`${tools}; cat /usr/share/tiny-tool/word note`);
    const remembered = await inside(`${tools}; ls`, `${name}@before`);
    const snapshots = await tour("snapshot", "list", name);
    await tour("snapshot", "restore", name, "before");
    const restored = await inside(`${tools}; ls`);
    await tour("snapshot", "rm", name, "before");

    expect(await readFile(join(kiln.directory, "copied"), "utf8")).toBe("in\nand out\n");
    expect(changed).toBe("tiny-tool 2.0 installed\ntiny-toolin\nand out");
    expect([remembered, restored]).toEqual(["tiny-tool 1.0 installed", "tiny-tool 1.0 installed"]);
    expect(snapshots).toContain("before");
    expect(await tour("snapshot", "list", name)).toBe("There are no snapshots.");
  });

  test("it gets what a source needs, loses what is removed, and is brought up to date", async () => {
    const fields = ["Build-Depends: tiny-need"];
    const tree = await writeTree(kiln.directory, { name: "tiny-needy", fields });
    await publish("1.0", "tiny-need");
    await tour("deps", "--env", name, tree);
    const policy = await tour("apt", "--env", name, "--", "policy", "tiny-need");
    await tour("remove", "--env", name, "tiny-tool");
    await publish("2.0", "tiny-need");
    await tour("env", "update", name);
    const has = await inside(tools);
    const { history, lock } = await resultOf(Shown, "env", "show", name);

    expect(policy).toMatch(/Installed: 1\.0$/m);
    expect(has.split("\n").filter((line) => line.endsWith(" installed"))).toEqual([
      "tiny-need 2.0 installed",
    ]);
    expect(lock.packages.filter((each) => each.name.startsWith("tiny-"))).toEqual([
      { name: "tiny-need", version: "2.0" },
    ]);
    expect(history).toEqual([
      "env init",
      "install tiny-tool",
      "deps tiny-needy",
      "remove tiny-tool",
      "env update",
    ]);
  });

  test("a shell in it has the terminal's size, and its exit code is the command's", async () => {
    const shell = ["shell", "--env", name];

    const { exitCode, stdout } = await execa(
      "script",
      ["-qec", `stty rows 37 cols 123; exec ${program} ${shell.join(" ")}`, "/dev/null"],
      {
        env: kiln.environment,
        extendEnv: false,
        input: "stty size; id -un\nexit 5\n",
        reject: false,
        timeout: 60_000,
      },
    );
    toured.add("shell");

    expect(exitCode).toBe(5);
    expect(stdout).toContain(`(${name})builder@`);
    expect(stdout).toMatch(/^37 123\r?$/m);
    expect(stdout).toMatch(/^builder\r?$/m);
  });

  test("what there is here is told, and what would go; it is removed when it is named", async () => {
    const before = await resultOf(Listed, "env", "list");
    const told = await tour("gc", "--dry-run", "--older-than", "0s");
    // After it: what would go is there.
    const targets = await resultOf(Targets, "targets");
    const found = await tour("doctor", "--verbose");
    await tour("env", "rm", name);
    const after = await resultOf(Listed, "env", "list");

    expect(told).toMatch(/^[1-9]\d* to remove, /m);
    expect(targets).toContainEqual({ name: "debian-trixie-amd64", hasBase: true });
    expect(found).toContain(` answers at ${engine.endpoint} (`);
    const references = after.map(({ reference }) => reference);
    expect(before.filter(({ reference }) => reference.includes(name))).toHaveLength(1);
    expect(references.filter((reference) => reference.includes(name))).toEqual([]);
  });

  test("a tree becomes a source package, and its environment a lock with all that is in it", async () => {
    const tree = await writeTree(kiln.directory, {
      name: "tiny-sourced",
      version: "1.0-2",
      format: "3.0 (quilt)",
    });

    await tour("source", ...trixie, tree);
    const explained = await tour("explain", ...trixie, tree);
    await tour("lock", ...trixie, tree);
    await tour("fetch", "lock.json");

    const stem = join(kiln.directory, "tiny-sourced_1.0-2_source/tiny-sourced_1.0-2.dsc");
    expect(sourceFromDsc(await readFile(stem, "utf8"), "dsc").files.map((each) => each.name)).toContain(
      "tiny-sourced_1.0.orig.tar.gz",
    );
    expect(explained).toMatch(/^base: hit: /m);
    expect(await digestOfBase(join(kiln.directory, "lock.fetched"))).toMatch(/^sha256:/);
  });

  test("a chain's package comes out the same again, and what needs it is found and built with it", async () => {
    const over = await writeTree(kiln.directory, {
      name: "tiny-over",
      fields: ["Build-Depends: tiny-base (>= 1) | tiny-nothing"],
    });
    const base = await writeTree(kiln.directory, { name: "tiny-base", version: "2.0" });
    await execa("dpkg-source", ["--build", over], { cwd: kiln.directory });
    await initialise("archive");
    await tour("repo", "add", "archive", "tiny-over_1.0.dsc");
    const archive = [...trixie, "--repository", "archive.sources"];

    await tour("chain", ...trixie, "--repo", "new", base);
    const built = join(kiln.directory, "tiny-base_2.0_amd64/tiny-base_2.0");
    const original = ["--dsc", `${built}.dsc`, `${built}_amd64.buildinfo`];
    const again = await tour("rebuild", ...trixie, "-o", "again", ...original);
    const needing = await resultOf(Needing, "rdeps", ...archive, "tiny-base");

    expect(again).toMatch(/^ {2}identical +tiny-base_2\.0_amd64\.deb$/m);
    expect(needing).toEqual([
      {
        source: "tiny-over",
        relations: [{ field: "Build-Depends", relation: "tiny-base (>= 1) | tiny-nothing" }],
      },
    ]);
    // Beyond the list, this is what chains do.
    if (engine.name !== mainEngine.name) return;
    await tour("rdeps", "--build", "--repo", "new", "-o", "rebuilt", ...archive, "tiny-base");
    const { lock } = await readRecords(join(kiln.directory, "rebuilt/tiny-over_1.0_amd64"));
    expect(lock?.packages.find((each) => each.name === "tiny-base")?.version).toBe("2.0");
    expect(await tour("repo", "list", "new")).not.toContain("tiny-over");
  });

  test("every command was met that this file is to prove, and no container is left", async () => {
    expect(provenBy["tour.test.ts"].filter((id) => !toured.has(id))).toEqual([]);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});
