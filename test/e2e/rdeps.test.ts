import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { mainEngine } from "./engine.ts";
import { openKiln, readRecords } from "./kiln.ts";
import { writeTree } from "./package.ts";

/** What `rdeps --json` gives. */
const Result = z.object({
  type: z.literal("result"),
  result: z.array(
    z.object({
      source: z.string(),
      version: z.string(),
      relations: z.array(z.object({ field: z.string(), relation: z.string() })),
    }),
  ),
});

test("debkiln rdeps lists the sources that need a package, and builds them with a new one", async () => {
  await using kiln = await openKiln(mainEngine);
  const { directory } = kiln;
  const tree = (name: string, version: string, depends: string) =>
    writeTree(directory, { name, version, fields: depends === "" ? [] : [`Build-Depends: ${depends}`] });
  const trees = [
    await tree("tiny-base", "1.0", ""),
    await tree("tiny-over", "1.0", "tiny-base (>= 1) | tiny-nothing"),
  ];
  // An archive with sources in it: what a chain of trees leaves.
  expect(await kiln.run("chain", "-d", "trixie", "--repo", "archive", ...trees)).toMatchObject({
    exitCode: 0,
  });
  const { stdout } = await kiln.run("repo", "init", "archive");
  await writeFile(join(directory, "archive.sources"), stdout.slice(stdout.indexOf("Types:")));
  const next = await tree("tiny-base", "2.0", "");
  expect(await kiln.run("chain", "-d", "trixie", "--repo", "new", next)).toMatchObject({ exitCode: 0 });
  const target = ["-d", "trixie", "--repository", "archive.sources"];

  const listed = await kiln.run("rdeps", "--json", ...target, "src:tiny-base");
  const built = await kiln.run("rdeps", "--build", "--repo", "new", "-o", "rebuilt", ...target, "tiny-base");

  const line = listed.stdout.split("\n").find((each) => each.startsWith('{"type":"result"')) ?? "";
  expect(Result.parse(JSON.parse(line)).result).toEqual([
    {
      source: "tiny-over",
      version: "1.0",
      relations: [{ field: "Build-Depends", relation: "tiny-base (>= 1) | tiny-nothing" }],
    },
  ]);
  expect(built).toMatchObject({ exitCode: 0 });
  const { lock } = await readRecords(join(directory, "rebuilt/tiny-over_1.0_amd64"));
  expect(lock?.packages.find(({ name }) => name === "tiny-base")?.version).toBe("2.0");
  const { stdout: kept } = await kiln.run("repo", "list", "new");
  expect(kept).not.toContain("tiny-over");
});
