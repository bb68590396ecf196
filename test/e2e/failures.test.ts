import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { HookContext } from "../../src/build/hook/context.ts";
import { connect } from "../engine/engines.ts";
import { mainEngine } from "./engine.ts";
import { program, readRecords, removal } from "./kiln.ts";
import { writeTree } from "./package.ts";
import { kilnFor } from "./opened.ts";

describe(`debkiln build of what fails on ${mainEngine.name}`, () => {
  const kiln = kilnFor("each test", mainEngine);

  test("fails without a build dependency, as on Debian's builders", async () => {
    const rules = "#!/usr/bin/make -f\n%:\n\tdh $@\n";
    const tree = await writeTree(kiln.directory, { name: "tiny-undeclared", rules });

    const ended = await kiln.run("build", tree);

    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(/dh: (command )?not found|dh: No such file/);
  });

  test("says which build dependency cannot be had, with apt's whole explanation in the log", async () => {
    const fields = ["Build-Depends: libnothing-of-the-kind-dev (>= 2)"];
    const tree = await writeTree(kiln.directory, { name: "tiny-unmet", fields });

    const ended = await kiln.run("build", tree);

    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toContain("error: ");
    expect(ended.stderr).toContain("libnothing-of-the-kind-dev");
    const { log, result } = await readRecords(join(kiln.directory, "tiny-unmet_1.0_amd64.failed"));
    expect(result).toMatchObject({
      status: "failed",
      failure: { fault: "dependency", code: "unsatisfiable" },
    });
    expect(log).toMatch(/^Status: given-back$/m);
    expect(log).toMatch(/^Fail-Stage: install-deps$/m);
    expect(log).toContain("libnothing-of-the-kind-dev");
  });

  test("shows the end of a failing build's log, keeps all of it, and leaves earlier results alone", async () => {
    const tiny = { name: "tiny-broken", build: ["mkdir built", "echo fine > built/state"] };
    const tree = await writeTree(kiln.directory, tiny);
    const good = await kiln.run("build", tree);
    const build = [...Array.from({ length: 40 }, (_, line) => `echo line ${line}`), "exit 7"];
    await writeTree(kiln.directory, { name: "tiny-broken", build });

    const ended = await kiln.run("build", tree);

    expect(good).toMatchObject({ exitCode: 0 });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("| line 39");
    expect(ended.stderr).not.toContain("| line 1\n");
    expect(ended.stderr).toContain("error: dpkg-buildpackage failed with exit code 2");
    expect(ended.stderr).toContain("hint: ");
    expect(ended.stderr).not.toMatch(/^ +at /m);
    const failed = await readRecords(join(kiln.directory, "tiny-broken_1.0_amd64.failed"));
    expect(failed.log).toContain("\nline 1\n");
    expect(failed.log).toMatch(/^Status: attempted$/m);
    expect(failed.log).toMatch(/^Fail-Stage: build$/m);
    const earlier = await readRecords(join(kiln.directory, "tiny-broken_1.0_amd64"));
    expect(earlier.result.status).toBe("successful");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("goes on with the next source after one that failed, and its exit code stays", async () => {
    const bad = await writeTree(kiln.directory, { name: "tiny-bad", build: ["false"] });
    const good = await writeTree(kiln.directory, { name: "tiny-good" });

    const ended = await kiln.run("build", bad, good, "--json");

    expect(ended.exitCode).toBe(3);
    expect(await readFile(join(kiln.directory, "tiny-good_1.0_amd64/result.json"), "utf8")).toContain(
      "successful",
    );
    const last: unknown = JSON.parse(ended.stdout.trimEnd().split("\n").at(-1) ?? "");
    expect(last).toMatchObject({ type: "failure", fault: "package", code: "build-failed", exitCode: 3 });
  });

  test("ends a build that has been silent for too long, and logs what ran and its last words", async () => {
    const build = ["trap 'echo these were my last words; exit 3' TERM; sleep 4321 & wait"];
    const tree = await writeTree(kiln.directory, { name: "tiny-silent", build });
    const after = ["--hook", "build-failed=echo and ${PWD##*/} is still there"];

    const ended = await kiln.run("build", "--silence-timeout", "3s", ...after, tree);

    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("error: The build printed nothing for 3");
    const { log, result } = await readRecords(join(kiln.directory, "tiny-silent_1.0_amd64.failed"));
    expect(result.failure?.code).toBe("silence-timeout");
    expect(log).toMatch(/^ +PID USER +STAT +ELAPSED +TIME COMMAND$/m);
    expect(log).toMatch(/^ +\d+ builder +S +0:0\d +0:00 +\\_ sleep 4321$/m);
    expect(log).toMatch(
      / sleep 4321\n[^]*\n\nthese were my last words\n[^]*\nand tiny-silent-1.0 is still there\n/,
    );
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("ends a build that takes too long, even one that ignores SIGTERM", async () => {
    const build = ["trap '' TERM INT HUP; while :; do echo on; sleep 0.2; done"];
    const tree = await writeTree(kiln.directory, { name: "tiny-endless", build });

    const ended = await kiln.run("build", "--timeout", "4s", tree);

    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("error: The build took longer than 4");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("runs hooks in the build's container and here, and keeps finished results when one fails after them", async () => {
    const build = ["mkdir built", "cp /etc/hooked built/state"];
    const tree = await writeTree(kiln.directory, { name: "tiny-hooked", build });
    const setup = ["--hook", "setup=id -un > /etc/hooked"];
    const after = ["--host-hook", 'post-build=cat > "$DEBKILN_HOOK_DIRECTORY/told.json"; exit 7'];

    const ended = await kiln.run("build", ...setup, ...after, tree);

    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain("error: The hook given-host-1 at post-build ended with exit code 7");
    const place = join(kiln.directory, "tiny-hooked_1.0_amd64");
    const { result, log } = await readRecords(place);
    expect(result).toMatchObject({ status: "successful", hooks: [{ point: "setup", status: "done" }] });
    expect(log).toContain("\nHook given-1 at setup, in the container as root\n");
    const told = HookContext.parse(JSON.parse(await readFile(join(place, "told.json"), "utf8")));
    expect(told).toMatchObject({ point: "post-build", directory: place, failure: null });
    expect(told.artifacts.map(({ name }) => name)).toContain("tiny-hooked_1.0_amd64.deb");
    expect(await kiln.run("build", tree)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("/etc/hooked"),
    });
  });

  test("tells plugins of a build, whose results stay when one throws", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-told" });
    const plugin = 'apiVersion: 1, name: "mine", report: () => { throw new Error("not today"); }';
    await writeFile(join(kiln.directory, "mine.mjs"), `export const plugin = { ${plugin} };\n`);
    const ours = ["--plugin", "package-state", "--plugin", "hw-info", "--plugin", "resource-report"];

    const ended = await kiln.run("build", "--plugin", "./mine.mjs", ...ours, tree);

    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain("error: Built, but the plugin mine failed: not today");
    const { result, names } = await readRecords(join(kiln.directory, "tiny-told_1.0_amd64"));
    expect(result.status).toBe("successful");
    expect(result.plugins.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      "mine: failed",
      "package-state: done",
      "hw-info: done",
      "resource-report: done",
    ]);
    expect(names).toEqual(expect.arrayContaining(result.plugins.flatMap(({ files }) => files)));
    expect(ended.stdout).toMatch(
      /package-state: \d+ packages, \d+ beyond the base; the same after the build/,
    );
  });

  test("ends a hook that hangs, and the build with it", async () => {
    const tree = await writeTree(kiln.directory, { name: "tiny-hung" });
    const settings = join(kiln.directory, "hooks.toml");
    const hung = '[hooks.hung]\npoint = "starting-build"\ncommand = "sleep 4321"\ntimeout = "1s"\n';
    await writeFile(settings, hung);

    const ended = await kiln.run("build", "--config", settings, tree);

    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toContain("error: The hook hung at starting-build took longer than 1");
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
  });

  test("keeps a failed build's files as an image with --keep, and opens it where it stopped", async () => {
    const build = ["echo evidence > clue.txt", "false"];
    const tree = await writeTree(kiln.directory, { name: "tiny-kept", build });

    const ended = await kiln.run("build", "--keep", "--keep-files", "*.t?t", tree);

    expect(ended.exitCode).toBe(3);
    const archive = join(kiln.directory, "tiny-kept_1.0_amd64.failed/tiny-kept_1.0_amd64.files.tar.gz");
    expect((await execa`tar -xzOf ${archive} ./clue.txt`).stdout).toBe("evidence");
    const reference = /kept as image (\S+)/.exec(ended.stderr)?.[1] ?? "";
    await using engine = await connect(mainEngine);
    const image = await engine.image(reference);
    expect(image).not.toBeNull();
    const [, way = ""] = /\(look inside: debkiln shell (--failed [0-9a-f]{12})\)/.exec(ended.stderr) ?? [];
    const inside = ["--", "sh", "-c", "id -un; pwd; cat clue.txt; ls -d debian; ls /sys/class/net"];
    const seen = await kiln.run("exec", ...way.split(" "), ...inside);
    const missing = await kiln.run("exec", "--failed", "tiny-ketp", "--", "true");
    expect(seen.stdout.split("\n")).toEqual([
      "builder",
      "/build/reproducible-path/tiny-kept-1.0",
      "evidence",
      "debian",
      "lo",
    ]);
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Did you mean tiny-kept?"),
    });
    await expect.poll(() => kiln.containers(), removal).toEqual([]);
    expect(await engine.removeImage(reference)).toBe(true);
  });

  test("opens a shell in a failed build on a terminal with --shell-on-fail", async () => {
    const build = ["echo evidence > clue.txt", "false"];
    const tree = await writeTree(kiln.directory, { name: "tiny-shell", build });
    const command = `${program} build --shell-on-fail ${tree}`;

    const ended = await execa("script", ["-qec", command, "/dev/null"], {
      cwd: kiln.directory,
      env: { ...kiln.environment, TERM: "dumb" },
      extendEnv: false,
      reject: false,
      input: "echo id-$(id -un)-$(cat clue.txt)\nexit\n",
    });

    expect(ended.stdout).toContain("id-builder-evidence");
    expect(ended.stdout).toContain("hint: The end of the log tells why.");
    expect(ended.exitCode).toBe(3);
  });
});
