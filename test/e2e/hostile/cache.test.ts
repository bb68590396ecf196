import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentKey } from "../../../src/environment/lock.ts";
import { imageReference } from "../../../src/environment/names.ts";
import { connect } from "../../engine/engines.ts";
import { makeDeb } from "../../unit/repository/packages.ts";
import { type Place, openPlace, refusalOf, refused } from "../bad-input/place.ts";
import { mainEngine } from "../engine.ts";
import { readRecords, tasksOf } from "../kiln.ts";
import { writeTree } from "../package.ts";

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

test("an image that is given out as an environment, and has other packages than its lock, is not built in", async () => {
  // Of its own, for a run that is killed here leaves the environment as it is.
  const tool = `tool-${randomBytes(4).toString("hex")}`;
  const deb = await makeDeb(place.directory, { name: tool });
  const tree = await writeTree(place.directory, { name: "bad-image", fields: [`Build-Depends: ${tool}`] });
  const build = ["build", "--arch-any", tree, "--extra-package", deb];
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
  await place.run(["build", "--arch-any", victim]);
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

  const tested = await place.run(["build", "--arch-any", "--require", "autopkgtest", attacker]);
  const kept = await engine.image(environment);
  const built = await place.run(["build", "--arch-any", victim]);

  expect(tested).toMatchObject({ exitCode: 0 });
  expect((await readRecords(join(place.directory, "out/bad-planter_1.0_amd64"))).log).toMatch(/^planted$/m);
  expect(kept).not.toBe(null);
  expect(built).toMatchObject({ exitCode: 0, containers: [] });
  const { log, events } = await readRecords(join(place.directory, "out/bad-victim_1.0_amd64"));
  expect(log).toContain("cannot access '/etc/planted'");
  expect(tasksOf(events)).not.toContain("install");
});
