import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { builder } from "../../../src/environment/builder.ts";
import { describeEngines } from "../../engine/engines.ts";
import { refusalOf, refused } from "../bad-input/place.ts";
import { readRecords, removal } from "../kiln.ts";
import { type Bait, layBait, writeAttacker, writeVictim } from "./attack-package.ts";
import { placeFor } from "../opened.ts";

describeEngines("a package that tries to get out of its build and of its own tests", (engine) => {
  const place = placeFor("all tests", engine);
  let bait: Bait;
  let log: string;
  beforeAll(async () => {
    bait = await layBait(place.directory);
    const tree = await writeAttacker(place.directory, bait);
    const ended = await place.run(["build", "--no-arch-all", "--autopkgtest", tree], { A_TOKEN: bait.token });
    if (ended.exitCode !== 0) throw new Error(ended.stderr);
    ({ log } = await readRecords(join(place.directory, "out/hostile_1.0_amd64")));
  });
  afterAll(() => bait[Symbol.asyncDispose]());

  test("gets nowhere, whatever it tries", () => {
    expect(log.match(/^GOT .*/gm)).toBe(null);
    expect(log.match(/^held /gm)?.length).toBeGreaterThan(200);
    for (const attempt of [
      "trace",
      "abstract-socket",
      "release-agent",
      "own-set-id",
      "set-id /usr/bin/su",
      "write-elsewhere",
      "interfaces",
    ])
      expect(log).toContain(`\nheld ${attempt}\n`);
  });

  test("connects to nothing and reads nothing of this machine", async () => {
    expect(bait.connections()).toBe(0);
    expect(await readFile(bait.secret.path, "utf8")).toBe(bait.secret.content);
    const output = join(place.directory, "out/hostile_1.0_amd64");
    for (const name of await readdir(output)) {
      const content = await readFile(join(output, name), "latin1");
      expect([name, content.includes(bait.secret.content), content.includes(bait.token)]).toEqual([
        name,
        false,
        false,
      ]);
    }
  });

  test("changes nothing of its results when it is tested, not even as root", async () => {
    const output = join(place.directory, "out/hostile_1.0_amd64");
    const { result } = await readRecords(output);
    const deb = result.artifacts.find(({ kind }) => kind === "deb");
    const content = await readFile(join(output, "hostile_1.0_amd64.deb"));

    expect(result.checks[0]?.parts).toMatchObject([
      { name: "as-user", status: "pass" },
      { name: "as-root", status: "pass" },
    ]);
    expect(log).toMatch(/^altered \/build\/check\/hostile_1\.0_amd64\.deb$/m);
    expect(digestOf(content)).toBe(deb?.sha256);
    expect(content.includes("evil")).toBe(false);
  });

  test("leaves nothing for the next build to meet, and nothing that runs", async () => {
    const victim = await writeVictim(place.directory);

    const ended = await place.run(["build", "--no-arch-all", victim]);

    expect(ended).toMatchObject({ exitCode: 0, containers: [], unfinished: [] });
    const next = await readRecords(join(place.directory, "out/hostile-next_1.0_amd64"));
    expect(next.log.match(/^GOT .*/gm)).toBe(null);
    expect(next.log).toContain("\nheld met /tmp\n");
    await expect.poll(sleepers, removal).toBe(null);
  });

  test.runIf(!/rootless/.test(engine.name))(
    "is not built at all where root would be the machine's own, when it is not trusted",
    async () => {
      const tree = await writeVictim(join(place.directory, "untrusted"));

      const ended = await place.run(["build", "--no-arch-all", "--trust", "untrusted", tree]);

      const says = /^On this \w+ root in a container is root of this machine/;
      expect(refusalOf(ended)).toEqual(refused({ exitCode: 5, says, hint: /podman without root/ }));
    },
  );

  test.runIf(/rootless/.test(engine.name))(
    "is no user of this machine, not even as root of its container",
    () => {
      // The same in the build and in its tests.
      const lines = new Set(log.match(/^users: *\d+ \d+ \d+$/gm));
      const ranges = [...lines].map((line) => line.replace("users:", "").trim().split(" ").map(Number));
      const outside = (user: number) =>
        ranges.flatMap(([first = 0, there = 0, count = 0]) =>
          user >= first && user < first + count ? [there + user - first] : [],
        );

      expect(outside(0)).toEqual([expect.any(Number)]);
      expect(outside(0)).not.toEqual([0]);
      expect(outside(builder.uid)).toEqual([expect.any(Number)]);
      expect([[0], outside(0)]).not.toContainEqual(outside(builder.uid));
    },
  );
});

/** The processes on this machine that the packages tried to leave. */
async function sleepers(): Promise<readonly string[] | null> {
  return (await execa("ps", ["-eo", "args"])).stdout.match(/^sleep 9753$/gm);
}
