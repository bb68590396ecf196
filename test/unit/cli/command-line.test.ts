import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commandMistake, commandNamed } from "../../../src/cli/command-line.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const main = join(root, "src/cli/main.ts");

function debkiln(...argv: string[]) {
  const environment = { PATH: process.env["PATH"], HOME: "/nonexistent" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    encoding: "utf8",
    env: environment,
  });
  return { status, stdout, stderr };
}

describe("the command of a command line", () => {
  const table = { build: {}, "env:list": {} };

  test.each([
    [["build", "--jobs", "4", "sl"], { id: "build", rest: ["--jobs", "4", "sl"] }],
    [["env", "list", "--json"], { id: "env:list", rest: ["--json"] }],
    [["env:list"], { id: "env:list", rest: [] }],
    [["env"], null],
    [["env", "--json", "list"], null],
    [["constructor"], null],
    [[], null],
  ])("of %j", (argv, named) => {
    expect(commandNamed(argv, table)).toEqual(named);
  });
});

describe("commandMistake", () => {
  const table = {
    build: { strict: false },
    config: { args: {} },
    "env:list": {},
    "env:rm": { args: { key: {} } },
  };

  test.each([
    [["build", "sl", "jq"]],
    [["build", "--jobs", "4", "sl"]],
    [["config"]],
    [["env"]],
    [["env", "list"]],
    [["env", "rm", "abc"]],
    [["--help"]],
    [["-h"]],
    [[]],
  ])("lets %j through", (argv) => {
    expect(commandMistake(argv, table)).toBeNull();
  });

  test.each([
    [["biuld"], "unknown-command", 'Did you mean "debkiln build"?'],
    [["env", "lst"], "unknown-command", 'Did you mean "debkiln env list"?'],
    [["xyzzy"], "unknown-command", 'Run "debkiln --help" to see what there is.'],
    [["config", "x"], "unexpected-argument", 'Run "debkiln config --help" to see what it takes.'],
    [["env", "list", "x"], "unexpected-argument", 'Run "debkiln env list --help" to see what it takes.'],
    [["-V"], "unknown-flag", 'The version is told by "debkiln --version".'],
    [["--verbose", "build"], "unknown-flag", 'Write flags after the command: "debkiln build --verbose".'],
  ])("answers %j with %s and a hint", (argv, code, hint) => {
    expect(commandMistake(argv, table)).toMatchObject({ fault: "usage", code, hint });
  });
});

describe("the command", () => {
  test("prints its version", () => {
    expect(debkiln("--version")).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^debkiln \d+\.\d+\.\d+\n$/),
      stderr: "",
    });
  });

  test("prints a short help when it is given nothing", () => {
    const { status, stdout } = debkiln();

    expect(status).toBe(0);
    expect(stdout).toContain("debkiln doctor --fix");
    expect(stdout.split("\n").length).toBeLessThan(45);
  });

  test("says which flag was meant, and exits with 2", () => {
    expect(debkiln("config", "--orign")).toEqual({
      status: 2,
      stdout: "",
      stderr: "error: There is no flag --orign here\nhint: Did you mean --origin?\n",
    });
  });

  test("knows flags with no- before them where there are such", () => {
    expect(debkiln("build", "--no-lintain", ".").stderr).toBe(
      "error: There is no flag --no-lintain here\nhint: Did you mean --no-lintian?\n",
    );
  });

  test("says that a word is no suite, rather than that the source which it was meant to be is missing", () => {
    expect(debkiln("build", "-d", "sl")).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error: "sl" is not a suite debkiln knows\n/),
    });
  });

  test("takes no limit in which nothing could run, such as a number without its unit", () => {
    expect(debkiln("build", "--memory", "4", "sl").stderr).toMatch(
      /^error: --memory: It takes 16M or more, written as "4G", not "4"\n/,
    );
  });

  test("says what a flag may be, and exits with 2", () => {
    const { status, stderr } = debkiln("config", "--color", "red");

    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: .*auto, always, never\nhint: .*\n$/);
  });

  test("says in its own words alone what is wrong with a flag's value", () => {
    expect(debkiln("build", "--cpus", "x")).toEqual({
      status: 2,
      stdout: "",
      stderr:
        'error: --cpus takes a number, not "x"\nhint: Write the number of processors, such as 2 or 0.5.\n',
    });
  });

  test("says what is wrong with a number as with everything else", () => {
    expect(debkiln("build", "--jobs", "0").stderr).toBe(
      "error: --jobs: Expected an integer greater than or equal to 1 but received: 0\nhint: Add --help to see what this command takes.\n",
    );
  });

  test("starts from a directory with a space in its name", () => {
    const directory = mkdtempSync(join(tmpdir(), "debkiln with a space-"));
    for (const name of ["src", "package.json"])
      cpSync(join(root, name), join(directory, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));

    const { status, stderr } = spawnSync(process.execPath, [join(directory, "src/cli/main.ts"), "config"], {
      encoding: "utf8",
    });
    rmSync(directory, { recursive: true });

    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("tells failures as JSON when asked for JSON", () => {
    const { status, stdout, stderr } = debkiln("config", "--json", "--jsn");

    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ type: "failure", code: "unknown-flag", exitCode: 2 });
    expect(stderr).toBe("");
  });

  test("shows where settings come from", () => {
    const { status, stdout } = debkiln("config", "--origin", "--color", "never");

    expect(status).toBe(0);
    expect(stdout).toMatch(/^color +"never" +--color$/m);
    expect(stdout).toMatch(/^frozen +false +built-in$/m);
  });
});
