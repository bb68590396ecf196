import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pushImage } from "../../src/image/push.ts";
import { signatureForms, signing } from "../../src/image/sign.ts";
import { readSigningKey } from "../../src/oci/signature/key.ts";
import { Task } from "../../src/base/event.ts";
import { mediaTypes } from "../../src/oci/image-spec.ts";
import { MemoryBlobs } from "../../src/oci/memory-blobs.ts";
import { readImage } from "../../src/oci/read-image.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { Repository } from "../../src/oci/registry/repository.ts";
import { connect } from "../engine/engines.ts";
import { startDockerRegistry } from "../loopback/docker-registry.ts";
import { plainAccess } from "../unit/oci/registry/image-fixture.ts";
import { mainEngine } from "./engine.ts";
import { type Kiln, openKiln, readRecords, says, tasksOf, removal } from "./kiln.ts";
import { forgetEnvironment } from "./forget.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

describe(`environments on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  test("start from the nearest one that is cached, and install only what it lacks", async () => {
    const near = await tree(kiln, "tiny-near", "figlet");
    const more = await tree(kiln, "tiny-more", "figlet, cowsay");
    for (const each of [more, near]) await forgetEnvironment(mainEngine, kiln, each);

    const before = await kiln.run("explain", near);
    const first = await kiln.run("build", near);
    const after = await kiln.run("explain", near);
    const second = await kiln.run("build", more);
    const third = await kiln.run("build", near);

    expect([first.exitCode, second.exitCode, third.exitCode]).toEqual([0, 0, 0]);
    expect(before.stdout).toMatch(/^environment: miss: /m);
    expect(first.stderr).toMatch(/install: Install 1 packages? on the base/);
    expect(after.stdout).toMatch(/^base: hit: /m);
    expect(after.stdout).toMatch(/^environment: hit: /m);
    expect(second.stderr).toMatch(/install: Install \d+ packages? on a cached environment/);
    const { lock } = await readRecords(join(kiln.directory, "tiny-more_1.0_amd64"));
    expect(lock?.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["cowsay", "figlet"]));
    expect(third.stderr).not.toContain("Install ");
  });

  test("have ccache or sccache when it is asked for, whose cache one version leaves to the next and scrub removes", async () => {
    const build = ["gcc -O2 -ffile-prefix-map=$(CURDIR)=. -c $(CURDIR)/one.c -o one.o"];
    const files = { "one.c": "int one(void) { return 1; }\n" };
    const versions = await Promise.all(
      ["1.0", "1.1"].map((version) =>
        writeTree(kiln.directory, { name: "tiny-cached", version, build, files }),
      ),
    );
    const name = `test-${process.pid}`;
    await using engine = await connect(mainEngine);
    const words = ["build", `--ccache=${name}`];

    for (const each of versions) await kiln.succeed(...words, each);
    await kiln.succeed(...words, "--ccache-trust", "other", "-o", "other", versions[1] ?? "");
    const bySccache = [...words, "--ccache-program", "sccache", "-o", "sccache"];
    for (const each of versions) await kiln.succeed(...bySccache, each);
    const scrubbed = await kiln.run("scrub", "compilers", "--dry-run");

    for (const each of await engine.volumes({ "debkiln.kind": "ccache" }))
      if (each.labels["debkiln.cache-name"]?.includes(`of ${name} `) === true)
        await engine.removeVolume(each.name);
    const built = ["tiny-cached_1.0_amd64", "tiny-cached_1.1_amd64", "other/tiny-cached_1.1_amd64"];
    built.push("sccache/tiny-cached_1.0_amd64", "sccache/tiny-cached_1.1_amd64");
    const records = await Promise.all(built.map((each) => readRecords(join(kiln.directory, each))));
    expect(records.map(({ result }) => [result.ccache?.hits, result.ccache?.misses])).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
      [0, 1],
      [1, 0],
    ]);
    expect(scrubbed.stdout).toContain(`would remove ccache of ${name} for amd64 (trusted-local)`);
    expect(scrubbed.stdout).toContain(`would remove sccache of ${name} for amd64 (trusted-local)`);
  });

  test("are made once for several builds that want the same at the same time, and all builds come right", async () => {
    const same = await tree(kiln, "tiny-same", "cmatrix");
    const other = await tree(kiln, "tiny-other", "cmatrix");
    await forgetEnvironment(mainEngine, kiln, same);
    const places = ["a", "b", "c", "d"] as const;
    const sources = [same, same, other, other];

    const builds = await Promise.all(
      places.map((place, index) => kiln.run("build", sources[index] ?? "", "-o", place)),
    );

    expect(builds.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    const directories = places.map((place, index) =>
      join(kiln.directory, place, index < 2 ? "tiny-same_1.0_amd64" : "tiny-other_1.0_amd64"),
    );
    const records = await Promise.all(directories.map(readRecords));
    const installs = records.flatMap(({ events }) => tasksOf(events)).filter((name) => name === "install");
    expect(installs).toHaveLength(1);
    expect(new Set(records.map(({ result }) => result.environment)).size).toBe(1);
    const debs = await Promise.all(
      directories.slice(0, 2).map((directory) => readFile(join(directory, "tiny-same_1.0_amd64.deb"))),
    );
    expect(debs[0]).toEqual(debs[1]);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("come from a registry's repository and go there, and an altered one is passed over", async () => {
    await using registry = await startDockerRegistry();
    await using fresh = await openKiln(mainEngine, { cache: "own" });
    const shared = await tree(kiln, "tiny-shared", "rolldice");
    await forgetEnvironment(mainEngine, kiln, shared);
    const repository = `${registry.host}/team/cache`;
    await kiln.succeed("image", "keygen", "cache");
    const key = join(kiln.directory, "cache.key");
    const leaving = ["--cache-to", repository, "--cache-sign-key", key, "--cache-tls-verify=false"];
    const taking = ["--cache-from", repository, "--cache-key", join(kiln.directory, "cache.pub")];
    taking.push("--cache-tls-verify=false");

    const unsigned = await kiln.run("build", shared, "--cache-from", repository);
    const pushed = await kiln.run("build", shared, ...leaving);
    const { result } = await readRecords(join(kiln.directory, "tiny-shared_1.0_amd64"));
    const hex = result.environment?.slice("sha256:".length);
    const reference = `localhost/debkiln/environment:${hex}`;
    await using engine = await connect(mainEngine);
    const forget = () => expect.poll(() => engine.removeImage(reference), removal).toBe(true);
    await forget();
    const pulled = await fresh.run("build", shared, ...taking);
    await forget();
    await withoutItsPackages(repository, `environment-${hex}`, await readFile(key, "utf8"));
    const altered = await fresh.run("build", shared, "-o", "altered", ...taking);

    expect(unsigned).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("debkiln image keygen") });
    expect([pushed.exitCode, pulled.exitCode, altered.exitCode]).toEqual([0, 0, 0]);
    expect(pushed.stderr).toMatch(/share\/push: done in .* blobs/);
    expect(pulled.stderr).toContain(`take-base: Take the base from ${repository}@sha256:`);
    expect(pulled.stderr).toContain(`environment: hit, from ${repository}@sha256:`);
    expect(pulled.stderr).not.toMatch(/bootstrap|Install |fetch:/);
    expect(altered.stderr).toMatch(
      /environment-[0-9a-f]{64} is passed over: The environment is not what its lock says: .*- rolldice/,
    );
    expect(altered.stderr).toContain("install: Install ");
  });

  test("are not left half made by a build that was stopped or killed while it installed", async () => {
    const slow = await tree(kiln, "tiny-slow", "tree, lolcat");
    await forgetEnvironment(mainEngine, kiln, slow);
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const build = kiln.start("build", slow);
      await says(build, /install: Install /);
      const begin = performance.now();
      build.kill(signal);
      const ended = await build;
      if (signal === "SIGKILL") continue;

      expect(ended.exitCode).toBe(130);
      expect(performance.now() - begin).toBeLessThan(4000);
      expect(await kiln.containers()).toEqual([]);
    }

    const ended = await kiln.run("build", slow);

    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stderr).toContain("install: Install ");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});

describe(`a base on ${mainEngine.name}`, () => {
  test("is not left half made by a command that was killed while it bootstrapped", async () => {
    await using kiln = await openKiln(mainEngine, { cache: "own" });
    const source = await writeTree(kiln.directory, { name: "tiny-first" });
    const build = kiln.start("build", "-v", source);
    await says(build, /installing essential packages|Extracting|extracting archives/);
    build.kill("SIGKILL");
    await build;

    const ended = await kiln.run("build", source);

    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stderr).toMatch(/bootstrap: done in .*, \d+ packages/);
  });
});

function tree(kiln: Kiln, name: string, depends: string): Promise<string> {
  return writeTree(kiln.directory, { name, fields: [`Build-Depends: ${depends}`] });
}

/** Makes a tag of a registry lead to the same image without its topmost layer, which still says that it is what it was; signed. */
async function withoutItsPackages(repository: string, tag: string, key: string): Promise<void> {
  const access = plainAccess();
  const place = { ...parseReference(repository), tag };
  const found = await new Repository(place, { access, rights: "push" }).findManifest(tag);
  if (found === null) throw new Error(`no ${tag}`);
  const { manifest, config } = await readImage(
    new Repository(place, { access, rights: "pull" }),
    found.descriptor,
  );
  const source = new MemoryBlobs();
  const rootfs = { ...config.rootfs, diff_ids: config.rootfs.diff_ids.slice(0, -1) };
  const described = source.add(mediaTypes.config, JSON.stringify({ ...config, rootfs }));
  const less = { ...manifest, config: described, layers: manifest.layers.slice(0, -1) };
  const image = source.add(mediaTypes.manifest, JSON.stringify(less));
  const accompany = [signing(readSigningKey(key, null, "cache.key"), signatureForms)];
  await pushImage(
    { source, image, to: place, moved: "overwrite", accompany },
    access,
    new Task(() => {}, []),
  );
}
