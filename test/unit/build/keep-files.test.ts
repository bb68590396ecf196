import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultOf, script } from "../../../src/build/keep-files.ts";

describe("files of a build that are kept by patterns", () => {
  let tree = "";
  beforeEach(async () => {
    tree = await mkdtemp(join(tmpdir(), "keep-files-"));
    await mkdir(join(tree, "tests/deep"), { recursive: true });
    const names = [
      "config.log",
      "tests/a.log",
      "tests/deep/b.log",
      "tests/two words.txt",
      "-rf",
      ".hidden.log",
    ];
    for (const name of names) await writeFile(join(tree, name), name);
    await symlink("/etc/passwd", join(tree, "link.log"));
  });
  afterEach(() => rm(tree, { recursive: true }));

  async function kept(...patterns: readonly string[]) {
    const packed = await execa("bash", ["-c", script, "bash", tree, ...patterns], {
      encoding: "buffer",
      reject: false,
    });
    const listed = await execa("tar", ["-tz"], { input: packed.stdout, reject: false });
    return { exitCode: packed.exitCode, names: listed.stdout.split("\n").filter((name) => name !== "") };
  }

  test.for([
    [["config.log"], ["./config.log"]],
    [["**/*.log"], ["./.hidden.log", "./config.log", "./link.log", "./tests/a.log", "./tests/deep/b.log"]],
    [["tests/*"], ["./tests/a.log", "./tests/deep/", "./tests/deep/b.log", "./tests/two words.txt"]],
    [
      ["tests/two words.*", "config.log", "config.log"],
      ["./config.log", "./tests/two words.txt"],
    ],
    [["-rf"], ["./-rf"]],
    [["$(touch planted)", "*.log; touch planted", "config.log"], ["./config.log"]],
  ] as const)("%j are %j", async ([patterns, names]) => {
    expect(await kept(...patterns)).toEqual({ exitCode: 0, names });
    expect((await kept("planted")).names).toEqual([]);
  });

  test("none at all are told apart from what failed", async () => {
    expect(faultOf((await kept("*.none", "gone")).exitCode ?? 0, 0)).toBe("none is named so");
    expect(faultOf(2, 100)).toBe("tar ended with exit code 2");
    expect(faultOf(0, 2 * 1024 ** 3)).toContain("more than 2");
    expect(faultOf(0, 100)).toBeNull();
  });

  test("a link is kept as a link, and leads nowhere", async () => {
    const packed = await execa("bash", ["-c", script, "bash", tree, "link.log"], { encoding: "buffer" });
    const { stdout } = await execa("tar", ["-tvz"], { input: packed.stdout });

    expect(stdout).toMatch(/^l.* \.\/link\.log -> \/etc\/passwd$/);
  });
});
