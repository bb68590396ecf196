import { createHash, randomBytes } from "node:crypto";
import { PassThrough, Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeAll, expect, test } from "vitest";
import { interrupted } from "../../src/base/failure.ts";
import type { Container, Engine, RunOptions } from "../../src/engine/engine.ts";
import { describeEngines } from "./engines.ts";
import { createContainer, openContainer } from "./test-image.ts";

describeEngines("Container.run", (tested) => {
  let engine: Engine;
  let image: string;
  let container: Container;

  beforeAll(async () => {
    const place = await openContainer(tested, { environment: { COLOUR: "deep blue" } });
    ({ engine, image, container } = place);
    return () => place[Symbol.asyncDispose]();
  });

  test("gives the exit code", async () => {
    const codes = [0, 1, 42, 255];

    const results = await Promise.all(codes.map((code) => container.run(["sh", "-c", `exit ${code}`])));

    expect(results.map(({ exitCode }) => exitCode)).toEqual(codes);
  });

  test("keeps standard output and error apart", async () => {
    const { stdout, stderr } = await outputOf(container, ["sh", "-c", "echo out; echo err >&2; echo out2"]);

    expect({ stdout, stderr }).toEqual({ stdout: "out\nout2\n", stderr: "err\n" });
  });

  test("sets user, directory and environment", async () => {
    const options = { user: "builder", directory: "/tmp", environment: { SIZE: "very large" } };

    const { stdout } = await outputOf(
      container,
      ["sh", "-c", 'id -u; id -g; pwd; echo "$COLOUR $SIZE"'],
      options,
    );

    expect(stdout).toBe("1234\n4321\n/tmp\ndeep blue very large\n");
  });

  test("syncs nothing to disk where the engine can do without", async () => {
    const { kind } = await engine.about();

    const { stdout } = await outputOf(container, ["grep", " / ", "/proc/mounts"]);

    expect(/\bvolatile\b/.test(stdout)).toBe(kind === "podman");
  });

  test("lets a numeric user run who is in no passwd", async () => {
    const { stdout } = await outputOf(container, ["sh", "-c", "id -u; id -g"], { user: "777:888" });

    expect(stdout).toBe("777\n888\n");
  });

  test("gives the host name and no network but loopback", async () => {
    const { stdout } = await outputOf(container, ["sh", "-c", "hostname; ls /sys/class/net"]);

    expect(stdout).toBe("kiln\nlo\n");
  });

  test("drops capabilities that were not asked for and forbids new ones", async () => {
    const { stdout } = await outputOf(container, [
      "grep",
      "-E",
      "^(CapBnd|NoNewPrivs|Seccomp):",
      "/proc/self/status",
    ]);

    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, KILL 5, SETGID 6, SETUID 7 of linux/capability.h; Seccomp 2 is a filter.
    expect(stdout).toBe("CapBnd:\t00000000000000eb\nNoNewPrivs:\t1\nSeccomp:\t2\n");
  });

  test("gives empty input when none is given", async () => {
    const { stdout, exitCode } = await outputOf(container, ["cat"]);

    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
  });

  test("hands the input over byte by byte and ends it", async () => {
    const input = randomBytes(5_000_000);

    const { stdout } = await outputOf(container, ["sha256sum"], { input: Readable.from([input]) });

    expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(input).digest("hex"));
  });

  test("ends with a command that reads only the beginning of an endless input", async () => {
    const { stdout, exitCode } = await outputOf(container, ["head", "-c", "3"], {
      input: Readable.from(endless()),
    });

    // node drops what it has not read when the engine closes the connection under a write: about one time in twenty.
    expect(["yyy", ""]).toContain(stdout);
    expect(exitCode).toBe(0);
  });

  test("holds the command while the reader of 20 MB is slow", async () => {
    const hash = createHash("sha256");
    let longest = 0;
    const slow = new Writable({
      highWaterMark: 64 * 1024,
      write(chunk: Buffer, _, done) {
        hash.update(chunk);
        longest = Math.max(longest, slow.writableLength);
        setImmediate(done);
      },
    });

    const { exitCode } = await container.run(["sh", "-c", "tr '\\0' y </dev/zero | head -c 20000000"], {
      stdout: slow,
    });

    expect(exitCode).toBe(0);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(Buffer.alloc(20_000_000, "y")).digest("hex"));
    expect(longest).toBeLessThan(1_000_000);
  });

  test("gives 126 or 127 for a command that is not there", async () => {
    const { exitCode } = await container.run(["/no/such/command"]);

    expect([126, 127]).toContain(exitCode);
  });

  test("reports no OOM for a command that kills itself", async () => {
    const result = await container.run(["sh", "-c", "kill -9 $$"]);

    expect(result).toEqual({ exitCode: 137, oomKilled: false });
  });

  test("tells a command that ran out of memory", async ({ skip }) => {
    const { limits } = await engine.about();
    skip(!limits, "this engine cannot set limits (rootless on cgroup v1)");
    await using small = await createContainer(engine, image, { limits: { memoryBytes: 32 << 20 } });

    const result = await small.run(["sh", "-c", "x=$(tr '\\0' y </dev/zero | head -c 200000000)"]);
    const after = await small.run(["false"]);

    expect(result).toEqual({ exitCode: 137, oomKilled: true });
    expect(after).toEqual({ exitCode: 1, oomKilled: false });
  });

  test("limits the number of processes", async ({ skip }) => {
    const { limits } = await engine.about();
    skip(!limits, "this engine cannot set limits (rootless on cgroup v1)");
    await using small = await createContainer(engine, image, { limits: { pids: 20 } });

    const { stderr } = await outputOf(small, ["sh", "-c", "for i in $(seq 40); do sleep 60 & done"]);

    expect(stderr).toContain("can't fork");
  });

  test("collects processes whose parents have gone", async () => {
    const countSleeps = "grep -lx 'Name:.sleep' /proc/[0-9]*/status | wc -l";

    const { stdout: before } = await outputOf(container, [
      "sh",
      "-c",
      `for i in $(seq 50); do sh -c 'sleep 2 &'; done; ${countSleeps}`,
    ]);
    // The main process's own sleep stays; this loop ends only when all others are gone, zombies included.
    const { stdout: after } = await outputOf(container, [
      "sh",
      "-c",
      `while [ "$(${countSleeps})" -gt 1 ]; do :; done 2>/dev/null; ${countSleeps}`,
    ]);

    expect(Number(before)).toBeGreaterThan(40);
    expect(after).toBe("1\n");
  });

  test("ends container and wait when the signal is given, with its reason", async () => {
    await using own = await createContainer(engine, image);
    const controller = new AbortController();
    const stdout = onFirstChunk(() => controller.abort(interrupted("SIGINT")));

    const running = own.run(["sh", "-c", "echo ready; sleep 600"], { stdout, signal: controller.signal });

    await expect(running).rejects.toMatchObject({ code: "interrupted", message: "Interrupted by SIGINT" });
    expect(await isRunning(engine, own)).toBe(false);
  });

  test("does not start a command whose signal was given before", async () => {
    const signal = AbortSignal.abort(interrupted("SIGTERM"));

    const running = container.run(["touch", "/tmp/started"], { signal });

    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    expect((await container.run(["test", "-e", "/tmp/started"])).exitCode).toBe(1);
  });

  test("says that the container ended when somebody kills it during a command", async () => {
    await using own = await createContainer(engine, image);
    const stdout = onFirstChunk(() => void own.kill());

    const running = own.run(["sh", "-c", "echo ready; sleep 600"], { stdout });

    await expect(running).rejects.toMatchObject({ fault: "infrastructure", code: "container-ended" });
  });

  test("says that the container ended when a command is started after that", async () => {
    await using own = await createContainer(engine, image);
    await own.kill();
    await own.kill();

    await expect(own.run(["true"])).rejects.toMatchObject({
      fault: "infrastructure",
      code: "container-ended",
    });
  });

  test("throws the error of an input that breaks before it is read", async () => {
    await using own = await createContainer(engine, image);
    const input = new Readable({ read: () => undefined });
    input.destroy(new Error("the disk is gone"));

    await expect(own.run(["cat"], { input })).rejects.toThrow("the disk is gone");
  });

  test("ends the container when the input breaks, and throws the input's own error", async () => {
    await using own = await createContainer(engine, image);
    const input = Readable.from(breaking());

    const running = own.run(["cat"], { input });

    await expect(running).rejects.toThrow("the disk is gone");
    expect(await isRunning(engine, own)).toBe(false);
  });
});

async function outputOf(
  container: Container,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const [stdout, stderr, { exitCode }] = await Promise.all([
    text(out),
    text(err),
    container.run(argv, { ...options, stdout: out, stderr: err }).finally(() => {
      out.end();
      err.end();
    }),
  ]);
  return { stdout, stderr, exitCode };
}

function onFirstChunk(act: () => void): Writable {
  let first = true;
  return new Writable({
    write(_chunk, _encoding, done) {
      if (first) act();
      first = false;
      done();
    },
  });
}

async function isRunning(engine: Engine, container: Container): Promise<boolean> {
  return (await engine.containers({})).some(({ id, running }) => id === container.id && running);
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536, "y");
}

function* breaking(): Generator<Buffer> {
  yield Buffer.from("the first half");
  throw new Error("the disk is gone");
}
