import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { earlierBuild } from "../../../../src/build/check/earlier-build.ts";
import { judgeBeside } from "../../../../src/build/check/lintian.ts";
import { subjectOf } from "./subject.ts";

const { package: source } = subjectOf([]).source;
const plan = { name: "sl_1.0-2_amd64", stem: "sl_1.0-2", source, version: "1:1.0-2" };

/** An output directory with results of these versions, by the names of their directories. */
async function outputWith(results: Readonly<Record<string, { name?: string; version: string }>>) {
  const output = await mkdtempDisposable(join(tmpdir(), "debkiln-earlier-"));
  for (const [directory, { name = "sl", version }] of Object.entries(results)) {
    await mkdir(join(output.path, directory));
    await writeFile(
      join(output.path, directory, "result.json"),
      JSON.stringify({ source: { name, version }, status: "successful" }),
    );
  }
  return output;
}

describe("the last build", () => {
  test("is that of the same version, where there is one", async () => {
    await using output = await outputWith({
      "sl_1.0-2_amd64": { version: "1:1.0-2" },
      "sl_1.0-1_amd64": { version: "1:1.0-1" },
    });

    expect(await earlierBuild(output.path, plan)).toEqual({
      directory: join(output.path, "sl_1.0-2_amd64"),
      words: "the last build",
    });
  });

  test("is that of the highest version below, of the same source and architecture", async () => {
    await using output = await outputWith({
      "sl_1.0-1_amd64": { version: "1:1.0-1" },
      "sl_1.0-1.1_amd64": { version: "1:1.0-1.1" },
      "sl_0.9-9_amd64": { version: "0.9-9" },
      "sl_1.0-3_amd64": { version: "1:1.0-3" },
      "sl_1.0-1.9_arm64": { version: "1:1.0-1.9" },
      sl_x_amd64: { name: "sl_x", version: "1:1.0-1.9" },
      sl_bad_amd64: { version: "../1.0" },
    });
    await mkdir(join(output.path, "sl_1.0-1.8_amd64"));
    await writeFile(join(output.path, "sl_1.0-1.7_amd64"), "a file");

    expect(await earlierBuild(output.path, plan)).toEqual({
      directory: join(output.path, "sl_1.0-1.1_amd64"),
      words: "the last build, 1:1.0-1.1",
    });
  });

  test("is none in an output directory that is not there, or has nothing of the source", async () => {
    await using output = await outputWith({ "figlet_1.0-1_amd64": { name: "figlet", version: "1.0-1" } });

    expect(await earlierBuild(output.path, plan)).toBeNull();
    expect(await earlierBuild(join(output.path, "missing"), plan)).toBeNull();
  });
});

test("lintian tells how many tags the last build had not", async () => {
  await using output = await outputWith({ "sl_0.9_amd64": { version: "0.9" } });
  const directory = join(output.path, "sl_0.9_amd64");
  await writeFile(join(directory, "sl_0.9_amd64.lintian.log"), "W: sl: old\nE: sl: gone\n");
  const earlier = { directory, words: "the last build, 0.9" };

  const judge = await judgeBeside(earlier);

  expect(judge({ exitCode: 0, output: "W: sl: old\nW: sl: new\n" }).summary).toBe(
    "2 warnings; 1 not in the last build, 0.9",
  );
  expect(judge({ exitCode: 0, output: "W: sl: old\n" }).summary).toBe("1 warning");
});
