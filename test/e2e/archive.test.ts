import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Event } from "../../src/base/event.ts";
import { BuildResult } from "../../src/build/result.ts";
import { proxiesOf } from "../../src/environment/proxies.ts";
import { downloader } from "../../src/store/download.ts";
import { describeEngines } from "../engine/engines.ts";
import { installOnBase } from "./install.ts";
import { type Ended, readRecords, tasksOf, removal } from "./kiln.ts";
import { kilnFor } from "./opened.ts";

/** The .debs of the engines before: the same source gives the same bytes wherever it is built. */
const earlier: Buffer[] = [];

describeEngines("debkiln build sl", (engine) => {
  const kiln = kilnFor("all tests", engine);
  let first: Ended;
  let built: string;
  beforeAll(async () => {
    built = join(kiln.directory, "sl_5.02-1_amd64");
    first = await kiln.run("build", "sl", "-d", "trixie");
  });

  test("makes the package of the archive by its name, and tells what it does in plain lines", async () => {
    const names = await readdir(built);

    expect(first).toMatchObject({ exitCode: 0 });
    expect(names.toSorted()).toEqual([
      "events.jsonl",
      "lock.json",
      "result.json",
      "sl_5.02-1_amd64.build",
      "sl_5.02-1_amd64.buildinfo",
      "sl_5.02-1_amd64.changes",
      "sl_5.02-1_amd64.deb",
    ]);
    expect(first.stdout).toMatch(
      /^sl 5\.02-1 for debian-trixie-amd64: in sl_5\.02-1_amd64\/\n {2}sl_5\.02-1_amd64\.deb /,
    );
    expect(first.stderr).toMatch(/^\[ +[\d.]+ s\] sl_5\.02-1\/build: done in /m);
    expect(first.stdout + first.stderr).not.toContain("\u001b");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("leaves a log with sbuild's sections and Summary, and records of everything that went in", async () => {
    const { log, result, lock, events } = await readRecords(built);

    expect(sectionsOf(log)).toEqual([
      "Update chroot",
      "Fetch source files",
      "Install package build dependencies",
      "Check architectures",
      "Build environment",
      "Build",
      "Changes",
      "Buildinfo",
      "Package contents",
      "Post Build",
      "Cleanup",
      "Summary",
    ]);
    expect(summaryOf(log)).toMatchObject({
      Package: "sl",
      Version: "5.02-1",
      "Host Architecture": "amd64",
      Distribution: "trixie",
      Status: "successful",
    });
    expect(Number(summaryOf(log)["Space"])).toBeGreaterThan(0);
    expect(log).toContain("dpkg-buildpackage: info: source package sl\n");
    expect(result).toMatchObject({ status: "successful", failure: null, source: { name: "sl" } });
    expect(lock?.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["debhelper", "libncurses-dev"]),
    );
    expect(tasksOf(events)).toEqual(expect.arrayContaining(["build", "collect"]));
    const building = result.phases.find(({ name }) => name === "build")?.resources;
    expect(building?.cpuSeconds).toBeGreaterThan(0.1);
    expect(building?.writtenBytes).toBeGreaterThan(100_000);
    expect(building?.diskBytes).toBeGreaterThan(100_000);
    // Rootless engines on cgroup v1 do not tell it: then there is the reason.
    expect(building?.peakMemoryBytes ?? building?.unknown.peakMemoryBytes).toBeDefined();
    expect(events).toContainEqual(
      expect.objectContaining({ type: "measured", phase: "build", resources: building }),
    );
  });

  test("makes it again without resolving or installing anything, to the same bytes", async () => {
    const before = await readFile(join(built, "sl_5.02-1_amd64.deb"));

    const again = await kiln.run("build", "sl", "-d", "trixie", "--json");

    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    const lines: unknown[] = again.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const last = BuildResult.parse(z.object({ result: z.unknown() }).parse(lines.pop()).result);
    expect(last.status).toBe("successful");
    expect(tasksOf(lines.map((line) => Event.parse(line)))).toEqual(["unpack", "build", "collect"]);
    const after = await readFile(join(built, "sl_5.02-1_amd64.deb"));
    expect(after).toEqual(before);
    for (const elsewhere of earlier) expect(after).toEqual(elsewhere);
    earlier.push(after);
  });

  test("gives a package that installs and runs in a clean base without a network", async () => {
    const { lock } = await readRecords(built);
    const needed = lock?.packages.find(({ name }) => name === "libncurses6");
    const library = join(kiln.directory, "libncurses6.deb");
    const { body } = await downloader({ proxies: proxiesOf({ environment: process.env }) })(
      needed?.uri ?? "",
    );
    await writeFile(library, body);

    const installed = await installOnBase(engine, lock?.base ?? "sha256:", {
      "sl.deb": join(built, "sl_5.02-1_amd64.deb"),
      "libncurses6.deb": library,
    });

    expect(installed.output).toContain("Setting up sl (5.02-1)");
    expect(installed.exitCode).toBe(0);
  });
});

/** Section titles as sbuild's readers find them: a line between two lines of `+-----+`. */
function sectionsOf(log: string): string[] {
  return [...log.matchAll(/^\+-+\+\n\| (.*?) +\|\n\+-+\+$/gm)].map((match) => match[1] ?? "");
}

/** The fields of the Summary, as archive tools read them. */
function summaryOf(log: string): Record<string, string> {
  const summary = log.slice(log.lastIndexOf("| Summary "));
  return Object.fromEntries(
    [...summary.matchAll(/^([A-Z][\w -]+): (.*)$/gm)].map((match) => match.slice(1, 3)),
  );
}
