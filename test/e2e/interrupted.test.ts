import { join } from "node:path";
import { expect, test } from "vitest";
import { describeEngines } from "../engine/engines.ts";
import { openKiln, readRecords, removal, says } from "./kiln.ts";
import { writeTree } from "./package.ts";

const endless = ["i=0; while sleep 0.1; do echo still here; done"];

describeEngines("a build that is stopped", (engine) => {
  test.for([["SIGINT"], ["SIGTERM"]] as const)(
    "by %s ends soon, with its log and no container",
    async ([signal]) => {
      await using kiln = await openKiln(engine);
      const tree = await writeTree(kiln.directory, { name: "tiny-endless", build: endless });
      const build = kiln.start("build", "-v", tree);
      await says(build, /still here/);

      const begin = performance.now();
      build.kill(signal);
      const ended = await build;
      const seconds = (performance.now() - begin) / 1000;

      expect(ended.exitCode).toBe(130);
      expect(seconds).toBeLessThan(4);
      const { log, result } = await readRecords(join(kiln.directory, "tiny-endless_1.0_amd64.failed"));
      expect(result).toMatchObject({ status: "interrupted", failure: { fault: "interrupted" } });
      expect(log).toContain("still here");
      expect(log).toMatch(/^Fail-Stage: abort$/m);
      expect(await kiln.containers()).toEqual([]);
    },
  );

  test("by SIGKILL leaves its container, which the next command removes", async () => {
    await using kiln = await openKiln(engine);
    const tree = await writeTree(kiln.directory, { name: "tiny-killed", build: endless });
    const build = kiln.start("build", "-v", tree);
    await says(build, /still here/);
    build.kill("SIGKILL");
    await build;
    const left = await kiln.containers();
    const next = await writeTree(kiln.directory, { name: "tiny-next" });

    const ended = await kiln.run("build", next);

    expect(left).toHaveLength(1);
    expect(ended).toMatchObject({ exitCode: 0 });
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });
});
