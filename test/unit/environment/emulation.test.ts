import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { About } from "../../../src/engine/engine.ts";
import { executions, requireRunnable } from "../../../src/environment/emulation.ts";

let binfmt: string;

beforeEach(async () => {
  binfmt = await mkdtemp(join(tmpdir(), "debkiln-binfmt-"));
});

afterEach(() => rm(binfmt, { recursive: true }));

const about: About = {
  kind: "podman",
  version: "5.4.2",
  endpoint: "unix:///run/podman/podman.sock",
  rootless: false,
  architecture: "amd64",
  hostRoot: false,
  storageDriver: "overlay",
  cgroupVersion: 2,
  limits: true,
  cpus: 2,
  memoryBytes: 1,
};

function register(state: string, flags: string): Promise<void> {
  return writeFile(
    join(binfmt, "qemu-aarch64"),
    `${state}\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset 0\nmagic 7f\n`,
  );
}

test("an architecture with a handler that works inside containers may be built for", async () => {
  await register("enabled", "POCF");

  await expect(requireRunnable(about, "arm64", binfmt)).resolves.toBeUndefined();
});

test.each([
  ["is not registered", () => Promise.resolve()],
  ["is disabled", () => register("disabled", "POCF")],
  ["lacks the flag F", () => register("enabled", "OC")],
])("one whose handler %s is refused, with the way to mend it", async (why, prepare) => {
  await prepare();

  const refused = requireRunnable(about, "arm64", binfmt);

  await expect(refused).rejects.toMatchObject({
    fault: "infrastructure",
    code: "no-emulation",
    message: expect.stringContaining(why),
    hint: expect.stringContaining("debkiln doctor --fix"),
  });
});

test("what the processor runs itself, and what a remote engine may run, needs no handler here", async () => {
  const remote = { ...about, endpoint: "ssh://user@host.example/run/podman/podman.sock" };

  await expect(requireRunnable(about, "i386", binfmt)).resolves.toBeUndefined();
  await expect(requireRunnable(remote, "arm64", binfmt)).resolves.toBeUndefined();
});

test("tells of all architectures how programs run here", async () => {
  const handlers = { "qemu-aarch64": "POCF", "qemu-arm": "OC" };
  for (const [name, flags] of Object.entries(handlers))
    await writeFile(join(binfmt, name), `enabled\ninterpreter /usr/bin/${name}\nflags: ${flags}\n`);
  await writeFile(join(binfmt, "qemu-riscv64"), "disabled\ninterpreter /usr/bin/qemu\nflags: OCF\n");

  expect(Object.fromEntries(await executions("amd64", binfmt))).toMatchObject({
    amd64: "native",
    i386: "native",
    arm64: "emulated",
    armhf: "impossible",
    riscv64: "impossible",
    s390x: "impossible",
  });
});
