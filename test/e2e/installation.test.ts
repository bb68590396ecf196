import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestRepository, openRepository, signedBy } from "../loopback/repository.ts";
import { describeEngines } from "../engine/engines.ts";
import { mainEngine } from "./engine.ts";
import { readRecords, removal, says } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

/** A build dependency whose installation says that it has begun and then goes on for longer than any test. */
const slow = { name: "slow-tool", postinst: "echo slow-tool is being set up; sleep 600" };

describeEngines("an installation of build dependencies", (engine) => {
  const kiln = kilnFor("all tests", engine);
  let repository: TestRepository;
  let build: readonly string[];
  beforeAll(async () => {
    repository = await openRepository(kiln.directory, [slow], { slow: {} });
    const sources = await repository.sources("slow", [signedBy(repository.key)]);
    const tree = await writeTree(kiln.directory, {
      name: "tiny-waiting",
      fields: ["Build-Depends: slow-tool"],
    });
    build = ["build", tree, "--repository", sources, "-v"];
  });
  afterAll(() => repository[Symbol.asyncDispose]());

  const failed = () => readRecords(join(kiln.directory, "tiny-waiting_1.0_amd64.failed"));

  test.for([["SIGINT"], ["SIGTERM"]] as const)("ends soon after %s, with its log", async ([signal]) => {
    const building = kiln.start(...build);
    await says(building, /slow-tool is being set up/);

    const begin = performance.now();
    building.kill(signal);
    const ended = await building;

    expect(ended.exitCode).toBe(130);
    expect(performance.now() - begin).toBeLessThan(4000);
    const { log, result } = await failed();
    expect(result).toMatchObject({ status: "interrupted", failure: { phase: "environment" } });
    expect(log).toContain("slow-tool is being set up");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  // How a build's times run out is not the engine's doing.
  const isMain = engine.name === mainEngine.name;
  test.runIf(isMain)("that is silent for too long fails, and says so", async () => {
    const ended = await kiln.run(...build, "--silence-timeout", "3s");

    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("The build printed nothing for 3.0 s");
    const { log, result } = await failed();
    expect(result).toMatchObject({ status: "failed", failure: { code: "silence-timeout" } });
    expect(log).toMatch(/^Fail-Stage: install-deps$/m);
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test.runIf(isMain)("counts for the whole build's time", async () => {
    const ended = await kiln.run(...build, "--timeout", "12s");

    expect(ended.exitCode).toBe(3);
    expect((await failed()).result).toMatchObject({ failure: { code: "timeout", phase: "environment" } });
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});
