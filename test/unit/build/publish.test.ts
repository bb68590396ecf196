import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { thisProcess } from "../../../src/base/process-identity.ts";
import {
  publishDirectory,
  reapStaging,
  removeResults,
  stagingDirectory,
} from "../../../src/build/publish.ts";

/** This very process, but of an earlier start: one that has died. */
const dead = thisProcess().replace(/\d+$/, "1");

describe("publishing results", () => {
  let parent = "";

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "publish-"));
  });

  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  function leave(name: string, owner: string): void {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, "result.json"), name);
    writeFileSync(join(parent, `${name}.owner`), owner);
  }

  test("puts the staging directory in the place of earlier results and leaves nothing beside", async () => {
    mkdirSync(join(parent, "sl_1_amd64"));
    writeFileSync(join(parent, "sl_1_amd64/result.json"), "old");

    {
      await using staging = await stagingDirectory(join(parent, "sl_1_amd64"));
      writeFileSync(join(staging.path, "result.json"), "new");
      await publishDirectory(staging, join(parent, "sl_1_amd64"));
    }

    expect(readdirSync(parent)).toEqual(["sl_1_amd64"]);
    expect(readFileSync(join(parent, "sl_1_amd64/result.json"), "utf8")).toBe("new");
  });

  test("lets many builds publish to one place at once: one is there, whole, and nothing beside", async () => {
    const place = join(parent, "sl_1_amd64");
    const publish = async (content: string) => {
      await using staging = await stagingDirectory(place);
      writeFileSync(join(staging.path, "result.json"), content);
      await publishDirectory(staging, place);
    };

    await Promise.all(Array.from({ length: 12 }, (_, index) => publish(String(index))));

    expect(readdirSync(parent)).toEqual(["sl_1_amd64"]);
    expect(readdirSync(place)).toEqual(["result.json"]);
  });

  test("leaves a staging directory that is kept, and no later process reaps it", async () => {
    {
      await using staging = await stagingDirectory(join(parent, "sl_1_amd64"));
      writeFileSync(join(staging.path, "log"), "said");
      await staging.keep();
    }

    await reapStaging(parent);

    const [kept = ""] = readdirSync(parent);
    expect(readFileSync(join(parent, kept, "log"), "utf8")).toBe("said");
  });

  test.for([
    [["result.json", "sl_1_amd64.build"], false],
    [["result.json", "mine/thesis"], true],
    [["thesis"], true],
  ] as const)("removes a build's results alone: %j", async ([files, stays]) => {
    const directory = join(parent, "sl_1_amd64.failed");
    for (const file of files) {
      mkdirSync(join(directory, file, ".."), { recursive: true });
      writeFileSync(join(directory, file), "");
    }

    await removeResults(directory);

    expect(existsSync(directory)).toBe(stays);
  });

  test("leaves nothing of a staging directory that is not published", async () => {
    {
      await using staging = await stagingDirectory(join(parent, "sl_1_amd64"));
      writeFileSync(join(staging.path, "log"), "");
    }

    expect(readdirSync(parent)).toEqual([]);
  });

  test("reaps what a process that died was making", async () => {
    leave(".sl_1_amd64.new-0123456789ab", dead);
    writeFileSync(join(parent, ".jq_1_amd64.new-0123456789ab.owner"), dead);

    await reapStaging(parent);

    expect(readdirSync(parent)).toEqual([]);
  });

  test("leaves what a living process makes, and files that only look alike", async () => {
    leave(".sl_1_amd64.new-0123456789ab", thisProcess());
    leave("notes.new-0123456789ab", dead);

    await reapStaging(parent);

    expect(readdirSync(parent)).toHaveLength(4);
  });

  test("puts earlier results back when their process died before the new ones came", async () => {
    leave(".sl_1_amd64.old-0123456789ab", dead);

    await reapStaging(parent);

    expect(readdirSync(parent)).toEqual(["sl_1_amd64"]);
    expect(existsSync(join(parent, "sl_1_amd64/result.json"))).toBe(true);
  });

  test("removes earlier results that new ones have replaced", async () => {
    leave(".sl_1_amd64.old-0123456789ab", dead);
    mkdirSync(join(parent, "sl_1_amd64"));
    writeFileSync(join(parent, "sl_1_amd64/result.json"), "new");

    await reapStaging(parent);

    expect(readdirSync(parent)).toEqual(["sl_1_amd64"]);
    expect(readFileSync(join(parent, "sl_1_amd64/result.json"), "utf8")).toBe("new");
  });

  test("does not replace a directory that holds other things", async () => {
    mkdirSync(join(parent, "sl_1_amd64"));
    writeFileSync(join(parent, "sl_1_amd64/thesis.tex"), "");
    await using staging = await stagingDirectory(join(parent, "sl_1_amd64"));

    await expect(publishDirectory(staging, join(parent, "sl_1_amd64"))).rejects.toMatchObject({
      code: "output-occupied",
    });

    expect(existsSync(join(parent, "sl_1_amd64/thesis.tex"))).toBe(true);
  });
});
