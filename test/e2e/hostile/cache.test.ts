import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentKey } from "../../../src/environment/lock.ts";
import { imageReference } from "../../../src/environment/names.ts";
import { connect } from "../../engine/engines.ts";
import { makeDeb } from "../../unit/repository/packages.ts";
import { refusalOf, refused } from "../bad-input/place.ts";
import { mainEngine } from "../engine.ts";
import { readRecords, tasksOf } from "../kiln.ts";
import { writeTree } from "../package.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

test("an image that is given out as an environment, and has other packages than its lock, is not built in", async () => {
  // Of its own, for a run that is killed here leaves the environment as it is.
  const tool = `tool-${randomBytes(4).toString("hex")}`;
  const deb = await makeDeb(place.directory, { name: tool });
  const tree = await writeTree(place.directory, { name: "bad-image", fields: [`Build-Depends: ${tool}`] });
  const build = ["build", "--no-arch-all", tree, "--extra-package", deb];
  const before = await place.run(build);
  const { lock } = await readRecords(join(place.directory, "out/bad-image_1.0_amd64"));
  if (lock === null) throw new Error(before.stderr);
  const environment = imageReference("environment", environmentKey(lock));
  await using engine = await connect(mainEngine);
  await engine.tag(imageReference("base", lock.base), environment);

  const ended = await place.run(build);

  await engine.removeImage(environment);
  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 5,
      says: new RegExp(`^The environment is not what its lock says: .*- ${tool} 1\\.0`),
      hint: /debkiln env rm/,
    }),
  );
  expect(ended.stderr).not.toContain("dpkg-buildpackage");
});

test("what a test does as root is not in the environment that later builds get", async () => {
  const relation = "rolldice";
  const victim = await writeTree(place.directory, {
    name: "bad-victim",
    fields: [`Build-Depends: ${relation}`],
    build: ["! ls /etc/planted /usr/bin/planted"],
  });
  await place.run(["build", "--no-arch-all", victim]);
  const { lock } = await readRecords(join(place.directory, "out/bad-victim_1.0_amd64"));
  if (lock === null) throw new Error("no lock");
  const environment = imageReference("environment", environmentKey(lock));
  await using engine = await connect(mainEngine);
  await engine.removeImage(environment);
  const attacker = await writeTree(place.directory, {
    name: "bad-planter",
    files: {
      "debian/tests/control": `Tests: plant\nDepends: ${relation}\nRestrictions: needs-root\n`,
      "debian/tests/plant":
        "#!/bin/sh\necho evil > /etc/planted && cp /bin/true /usr/bin/planted && echo planted\n",
    },
  });

  const tested = await place.run(["build", "--no-arch-all", "--require", "autopkgtest", attacker]);
  const kept = await engine.image(environment);
  const built = await place.run(["build", "--no-arch-all", victim]);

  expect(tested).toMatchObject({ exitCode: 0 });
  expect((await readRecords(join(place.directory, "out/bad-planter_1.0_amd64"))).log).toMatch(/^planted$/m);
  expect(kept).not.toBe(null);
  expect(built).toMatchObject({ exitCode: 0, containers: [] });
  const { log, events } = await readRecords(join(place.directory, "out/bad-victim_1.0_amd64"));
  expect(log).toContain("cannot access '/etc/planted'");
  expect(tasksOf(events)).not.toContain("install");
});

test("what an untrusted build puts into the compiler cache meets those that are not trusted either, and no other", async () => {
  const cache = `hostile-${process.pid}`;
  const files = { "one.c": "int good(void) { return 1; }\n", "evil.c": "int evil(void) { return 2; }\n" };
  const poison = `#!/bin/bash -e
# Puts what comes of evil.c where the cache keeps what comes of one.c.
kept() { find "$CCACHE_DIR" -name '*R'; }
gcc -c one.c -o one.o
one=$(kept)
gcc -c evil.c -o evil.o
cp -f "$(kept | grep -vxF "$one")" "$one"
touch "$CCACHE_DIR/planted"
`;
  const attacker = await writeTree(place.directory, {
    name: "bad-poisoner",
    files: { ...files, "poison.sh": poison },
    build: ["bash poison.sh"],
  });
  const victim = await writeTree(place.directory, {
    name: "bad-poisoned",
    files,
    build: ["gcc -c one.c -o one.o", "nm one.o", 'ls "$$CCACHE_DIR"'],
  });
  const build = async (tree: string, trust: "trusted" | "untrusted") => {
    const ended = await place.run([
      "build",
      "--no-arch-all",
      `--ccache=${cache}`,
      "--trust",
      trust,
      "-o",
      trust,
      tree,
    ]);
    if (ended.exitCode !== 0) throw new Error(ended.stderr);
  };

  await build(attacker, "untrusted");
  await build(victim, "untrusted");
  await build(victim, "trusted");

  await using engine = await connect(mainEngine);
  for (const { name, labels } of await engine.volumes({ "debkiln.kind": "ccache" }))
    if (labels["debkiln.cache-name"]?.includes(`of ${cache} `) === true) await engine.removeVolume(name);
  const [met, spared] = await Promise.all(
    ["untrusted", "trusted"].map((each) =>
      readRecords(join(place.directory, each, "bad-poisoned_1.0_amd64")),
    ),
  );
  expect(met?.log).toMatch(/ T evil$[^]*^planted$/m);
  expect(met?.result.ccache).toMatchObject({ hits: 1, misses: 0 });
  expect(spared?.log).toMatch(/ T good$/m);
  expect(spared?.log).not.toMatch(/ T evil$|^planted$/m);
  expect(spared?.result.ccache).toMatchObject({ hits: 0, misses: 1 });
});
