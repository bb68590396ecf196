import { readFile, realpath, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Digest } from "../../src/base/digest.ts";
import { type Loopback, serve } from "../loopback/servers.ts";
import { makeDeb, makeDsc } from "../unit/repository/packages.ts";
import { type CleanContainer, cleanContainer } from "./clean-container.ts";
import { mainEngine } from "./engine.ts";
import { program, readRecords, removal } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

/** apt in a clean container, over http, judges what the command makes. */
describe(`debkiln repo on ${mainEngine.name}`, () => {
  const kiln = kilnFor("all tests", mainEngine);
  let base: Digest;
  let server: Loopback;
  let clean: CleanContainer;
  beforeAll(async () => {
    await kiln.succeed("build", await writeTree(kiln.directory, { name: "tiny-based" }));
    base = (await readRecords(join(kiln.directory, "tiny-based_1.0_amd64"))).lock?.base ?? "sha256:";
    server = await serve((asked, answer) => {
      const { pathname } = new URL(asked.url ?? "/", "http://localhost");
      readFile(join(kiln.directory, "repo", pathname)).then(
        (content) => answer.end(content),
        () => answer.writeHead(404).end(),
      );
    });
  });
  afterAll(async () => {
    await clean[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** A container whose apt knows that repository and nothing else. */
  async function readers(sources: string): Promise<CleanContainer> {
    const made = await cleanContainer(mainEngine, base, "host");
    const text = sources.replace(/^URIs: .*$/m, `URIs: ${server.url}`);
    const lines = Buffer.from(text).toString("base64");
    await made.run(
      `rm -rf /etc/apt/sources.list.d/* /etc/apt/sources.list; echo ${lines} | base64 -d > /etc/apt/sources.list.d/test.sources;
      echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/99test`,
    );
    return made;
  }

  test("is a repository that apt installs and fetches sources from, by digest", async () => {
    const { directory } = kiln;
    const one = await makeDeb(directory, { name: "tiny-one", fields: ["Depends: tiny-two (>= 1.0)"] });
    const two = await makeDeb(directory, { name: "tiny-two", architecture: "all", compression: "xz" });
    const source = await makeDsc(directory, "tiny-three");
    const init = await kiln.run("repo", "init", "repo");
    const added = await kiln.run("repo", "add", "repo", one, two, source);
    expect([init.exitCode, added.exitCode]).toEqual([0, 0]);
    clean = await readers(init.stdout.slice(init.stdout.indexOf("Types:")));

    const update = await clean.run("apt-get -q -o APT::Update::Error-Mode=any update");
    const installed = await clean.run("apt-get -q -y install tiny-one && cat /usr/share/tiny-two/word");
    const fetched = await clean.run("cd /tmp && apt-get -q --download-only source tiny-three && ls *.dsc");

    expect(update).toMatchObject({ exitCode: 0, output: expect.not.stringMatching(/^[WE]:/m) });
    expect(installed).toMatchObject({ exitCode: 0, output: expect.stringContaining("tiny-two") });
    expect(fetched).toMatchObject({ exitCode: 0, output: expect.stringContaining("tiny-three_1.0.dsc") });
    expect(server.requests.filter((asked) => asked.includes("/by-hash/SHA256/")).length).toBeGreaterThan(0);
  });

  test("gives apt the new state after each change, and nothing of what was removed", async () => {
    const next = await makeDeb(kiln.directory, { name: "tiny-two", version: "2.0", architecture: "all" });
    await kiln.succeed("repo", "add", "--replace", "repo", next);
    await kiln.succeed("repo", "remove", "repo", "tiny-one");

    await clean.run("apt-get -q update");
    const policy = await clean.run(
      "apt-cache madison tiny-two; apt-cache madison tiny-one; apt-get -q -y upgrade",
    );

    expect(policy.output).toMatch(/tiny-two \| +2\.0 \|/);
    expect(policy.output).not.toMatch(/tiny-two \| +1\.0 \||tiny-one \|/);
    expect(policy.output).toContain("Setting up tiny-two (2.0)");
  });

  test("is refused by apt when another key has signed it, and taken again with the new one", async () => {
    const elsewhere = { ...kiln.environment, XDG_DATA_HOME: join(kiln.directory, "other") };
    await execa(program, ["repo", "sign", "repo"], { cwd: kiln.directory, env: elsewhere, extendEnv: false });

    const update = await clean.run("apt-get -q -o APT::Update::Error-Mode=any update");

    expect(update.exitCode).not.toBe(0);
    expect(update.output).toMatch(/NO_PUBKEY|Missing key|not signed/);
    await kiln.succeed("repo", "sign", "repo");
    expect(await clean.run("apt-get -q -o APT::Update::Error-Mode=any update")).toMatchObject({
      exitCode: 0,
    });
  });

  test("serves builds as it lies there, with each change at once", async () => {
    const { directory } = kiln;
    const { stdout } = await kiln.run("repo", "init", "repo");
    await writeFile(join(directory, "repo.sources"), stdout.slice(stdout.indexOf("Types:")));
    const fields = ["Build-Depends: tiny-two"];
    const tree = await writeTree(directory, { name: "tiny-user", fields });
    const locked = async () => {
      const ended = await kiln.run("build", "-d", "trixie", "--repository", "repo.sources", tree);
      expect(ended).toMatchObject({ exitCode: 0 });
      const { lock } = await readRecords(join(directory, "tiny-user_1.0_amd64"));
      return lock?.packages.find(({ name }) => name === "tiny-two");
    };

    const first = await locked();
    const next = await makeDeb(directory, { name: "tiny-two", version: "3.0", architecture: "all" });
    await kiln.succeed("repo", "add", "repo", next);
    const second = await locked();

    expect([first?.version, second?.version]).toEqual(["2.0", "3.0"]);
    expect(second?.uri).toBe(`file://${directory}/repo/pool/main/t/tiny-two/tiny-two_3.0_all.deb`);
  });

  test("serves no builds when another key has signed it, or an index is cut short", async () => {
    const { directory } = kiln;
    const tree = await writeTree(directory, { name: "tiny-other", fields: ["Build-Depends: tiny-two"] });
    const words = ["build", "-d", "trixie", "--repository", "repo.sources", tree];
    const elsewhere = { ...kiln.environment, XDG_DATA_HOME: join(directory, "other") };
    await execa(program, ["repo", "sign", "repo"], { cwd: directory, env: elsewhere, extendEnv: false });

    const forged = await kiln.run(...words);
    await kiln.succeed("repo", "sign", "repo");
    await truncate(await realpath(join(directory, "repo/dists/local/main/binary-amd64/Packages.gz")), 9);
    const short = await kiln.run(...words);

    expect(forged).toMatchObject({ exitCode: 5 });
    expect(forged.stderr).toMatch(/error: The archive is not signed by a key .* \(file:.*\nhint: /);
    expect(short).toMatchObject({ exitCode: 5 });
    expect(short.stderr).toMatch(/error: .*Packages\.gz is cut short: 9 of \d+ bytes\nhint: /);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("says what is wrong with it", async () => {
    const index = await realpath(join(kiln.directory, "repo/dists/local/main/binary-amd64/Packages.xz"));
    await truncate(index, 10);
    await writeFile(join(kiln.directory, "repo/dists/local/Release.gpg"), "no signature");

    const ended = await kiln.run("repo", "verify", "repo");

    expect(ended.exitCode).toBe(5);
    expect(ended.stdout).toMatch(/Packages\.xz is cut short: 10 of \d+ bytes/);
    expect(ended.stdout).toContain("dists/local/Release.gpg is not signed by the repository's key");
    expect(ended.stderr).toMatch(/error: \d things are wrong with repo\nhint: /);
  });
});
