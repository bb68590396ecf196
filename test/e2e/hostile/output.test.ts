import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { program } from "../kiln.ts";
import { buildWith } from "./build-with.ts";
import { placeFor } from "../opened.ts";

const place = placeFor("all tests");

describe("a build that prints", () => {
  const name = "bad-words";
  const words = String.raw`\033]0;pwned\007\033[2J\033[31mred\n::set-output name=a::b\n  ::error::x\n##[command]x\n::stop-commands::t\n`;
  let tree: string;
  beforeAll(async () => {
    const built = await buildWith(place, name, [`printf '${words.replaceAll("#", "\\#")}'`]);
    if (built.ended.exitCode !== 0) throw new Error(built.ended.stderr);
    ({ tree } = built);
  });

  test("what steers terminals leaves it in the log only", async () => {
    const log = await readFile(
      join(place.directory, `out/${name}_1.0_amd64/${name}_1.0_amd64.build`),
      "utf8",
    );
    const plain = await place.run(["build", "--no-arch-all", "--verbose", tree]);
    const command = `'${program}' build --no-arch-all --verbose --color always '${tree}'`;
    const terminal = await execa("script", ["-qec", command, "/dev/null"], {
      cwd: place.directory,
      env: { ...place.environment, TERM: "xterm" },
      extendEnv: false,
      stdin: "ignore",
    });

    expect(log).toContain("\u001b]0;pwned\u0007\u001b[2J\u001b[31mred\n");
    expect(plain.stdout + plain.stderr).not.toContain("\u001b");
    expect(plain.stderr).toMatch(/^\| red$/m);
    expect(terminal.stdout).toMatch(/red\r?$/m);
    expect(terminal.stdout).not.toMatch(/\u001b\]0;pwned|\u001b\[2J|\u001b\[31mred/);
  });

  test("commands to a CI runner gives it none", async () => {
    const ended = await place.run(["build", "--no-arch-all", "--verbose", tree], { GITHUB_ACTIONS: "true" });

    const commands = (ended.stdout + ended.stderr).match(/^\s*::.*|##\[.*/gm) ?? [];
    expect(ended.stderr).toContain("set-output name=a");
    expect(commands.filter((each) => !/^::(group::|endgroup::)/.test(each))).toEqual([]);
  });
});
