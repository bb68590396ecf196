import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { environmentKey } from "../../../src/environment/lock.ts";
import { imageReference } from "../../../src/environment/names.ts";
import { connect } from "../../engine/engines.ts";
import { type Place, openPlace, refusalOf, refused } from "../bad-input/place.ts";
import { mainEngine } from "../engine.ts";
import { readRecords } from "../kiln.ts";
import { writeTree } from "../package.ts";

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

test("an image that is given out as an environment, and has other packages than its lock, is not built in", async () => {
  const tree = await writeTree(place.directory, { name: "bad-image", fields: ["Build-Depends: rolldice"] });
  const before = await place.run(["build", "--arch-any", tree]);
  const { lock } = await readRecords(join(place.directory, "out/bad-image_1.0_amd64"));
  if (lock === null) throw new Error(before.stderr);
  const environment = imageReference("environment", environmentKey(lock));
  await using engine = await connect(mainEngine);
  await engine.tag(imageReference("base", lock.base), environment);

  const ended = await place.run(["build", "--arch-any", tree]);

  await engine.removeImage(environment);
  expect(refusalOf(ended)).toEqual(
    refused({
      exitCode: 5,
      says: /^The environment is not what its lock says: .*- rolldice \d/,
      hint: /debkiln env rm/,
    }),
  );
  expect(ended.stderr).not.toContain("dpkg-buildpackage");
});
