import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/base/digest.ts";
import type { Trial } from "../../../../src/build/check/check.ts";
import { digestsOf, knownEnding } from "../../../../src/build/check/known-ending.ts";
import { artifactKind } from "../../../../src/build/result.ts";
import { Store } from "../../../../src/store/store.ts";

const environment = digestOf("environment");

function trialOn(inputs: unknown): Trial {
  return {
    title: "lintian",
    environment: { tool: "lintian", architecture: "engine" },
    content: [],
    argv: ["lintian", "/build/check/a.changes"],
    user: "builder",
    inputs: () => Promise.resolve(inputs),
    judge: () => ({ status: "pass", summary: "" }),
  };
}

describe("the ending of a check's command", () => {
  test("is known for the same files in the same environment, and for nothing else", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-known-"));
    const store = new Store(directory.path);
    const known = await knownEnding(store, environment, trialOn("a"));

    await known?.keep(2, Buffer.from("E: sl: tag\n"));

    const recalled = async (key: typeof environment, trial: Trial) =>
      await (await knownEnding(store, key, trial))?.recall();
    expect(await recalled(environment, trialOn("a"))).toEqual({ exitCode: 2, output: "E: sl: tag\n" });
    expect(await recalled(environment, trialOn("b"))).toBeNull();
    expect(await recalled(digestOf("newer lintian"), trialOn("a"))).toBeNull();
    expect(await recalled(environment, { ...trialOn("a"), argv: ["lintian", "-I"] })).toBeNull();
  });

  test("is not kept when it is long or no text", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-known-"));
    const known = await knownEnding(new Store(directory.path), environment, trialOn("a"));

    await known?.keep(0, Buffer.alloc(300_000, "a"));
    await known?.keep(0, Buffer.from([0xff, 0xfe]));

    expect(await known?.recall()).toBeNull();
  });

  test("is never known of what must be run each time", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-known-"));
    const { inputs: _, ...trial } = trialOn("a");

    expect(await knownEnding(new Store(directory.path), environment, trial)).toBeNull();
  });
});

describe("the digests of results", () => {
  test("are the same for two builds at different times that gave the same packages", async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), "debkiln-known-"));
    const built = (name: string, deb: string, date: string) =>
      resultsOf(join(directory.path, name), deb, date);

    const first = await built("first", "bytes", "Sat, 01 Mar 2025 12:00:00 +0000");
    const later = await built("later", "bytes", "Sun, 02 Mar 2025 12:00:00 +0000");
    const other = await built("other", "other bytes", "Sat, 01 Mar 2025 12:00:00 +0000");

    expect(later).toEqual(first);
    expect(other).not.toEqual(first);
    expect(Object.keys(first)).toEqual(["sl_1_amd64.deb", "sl_1_amd64.buildinfo", "sl_1_amd64.changes"]);
  });
});

/** The digests of a .deb, and of a .buildinfo and a .changes that name it with its checksum. */
async function resultsOf(prefix: string, deb: string, date: string) {
  const buildinfo = `Format: 1.0\nBuild-Date: ${date}\nChecksums-Sha256:\n ${checksum(deb)} sl_1_amd64.deb\n`;
  const changes =
    `Format: 1.8\nChecksums-Sha256:\n ${checksum(buildinfo)} sl_1_amd64.buildinfo\n ${checksum(deb)} sl_1_amd64.deb\n` +
    `Files:\n ${checksum(buildinfo)} games optional sl_1_amd64.buildinfo\n ${checksum(deb)} games optional sl_1_amd64.deb\n`;
  const files = { "sl_1_amd64.deb": deb, "sl_1_amd64.buildinfo": buildinfo, "sl_1_amd64.changes": changes };
  const artifacts = Object.entries(files).map(async ([name, text]) => {
    const path = `${prefix}-${name}`;
    await writeFile(path, text);
    return { name, path, sizeBytes: text.length, sha256: digestOf(text), kind: artifactKind(name) };
  });
  return await digestsOf(await Promise.all(artifacts));
}

function checksum(text: string): string {
  return `${digestOf(text).slice(7)} ${text.length}`;
}
