import http from "node:http";
import { json, text } from "node:stream/consumers";
import { beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { asFailure } from "../../src/base/failure.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { type TestedEngine, connect, describeEngines } from "./engines.ts";
import { createContainer, importTestImage, openEngine, tarOf, uniqueName } from "./test-image.ts";

describeEngines("Engine's containers", (tested) => {
  let engine: Engine;
  let image: string;

  beforeAll(async () => {
    const place = await openEngine(tested);
    ({ engine, image } = place);
    return () => place[Symbol.asyncDispose]();
  });

  test("about tells the engine, its host and what it can do", async () => {
    const about = await engine.about();

    expect(tested.name).toContain(about.kind);
    expect(about.rootless).toBe(tested.name.includes("rootless"));
    expect(about.hostRoot).toBe(!about.rootless);
    expect(about.endpoint).toBe(tested.endpoint);
    expect(about.version).toMatch(/^\d+\.\d+/);
    expect(about.architecture).toMatch(/^[a-z0-9]+$/);
    expect(about.cpus).toBeGreaterThan(0);
    expect(about.memoryBytes).toBeGreaterThan(1 << 28);
  });

  test("containers are found by their labels, and none that was killed is taken to run", async () => {
    const owner = uniqueName();
    const labels = { "com.example.owner": owner, "com.example.key": "a=b c" };
    await using container = await createContainer(engine, image, { labels });

    const running = await engine.containers({ "com.example.owner": owner });
    await container.kill();
    const killed = await engine.containers({ "com.example.owner": owner, "com.example.key": "" });
    const others = await engine.containers({ "com.example.owner": `${owner}x` });

    expect(running).toMatchObject([{ id: container.id, name: container.name, running: true, labels }]);
    expect(Math.abs(Date.now() - (running[0]?.created.getTime() ?? 0))).toBeLessThan(60_000);
    // podman has removed it by then, or is about to.
    expect(killed.filter((each) => each.running)).toEqual([]);
    expect(others).toEqual([]);
  });

  test("disposal removes a container in which a command runs, and again does nothing", async () => {
    const container = await createContainer(engine, image, { volumes: ["/build"] });
    const running = container.run(["sleep", "600"]).catch(asFailure);

    await container[Symbol.asyncDispose]();
    await container[Symbol.asyncDispose]();
    await engine.removeContainer(container.name);

    expect(await running).toMatchObject({ code: "container-ended" });
    expect((await engine.containers({})).map(({ id }) => id)).not.toContain(container.id);
  });

  test("a volume with a name outlives its containers, and goes when none uses it", async () => {
    const volume = uniqueName();
    const labels = { "com.example.owner": volume, "com.example.name": "a b (c), d" };
    const spec = { volumes: ["/tmp"], keptVolumes: [{ volume, path: "/tmp/kept", readOnly: false }] };
    await engine.ensureVolume(volume, labels);
    await engine.ensureVolume(volume, { "com.example.owner": "other" });
    const first = await createContainer(engine, image, spec);
    await first.run(["sh", "-c", "echo kept > /tmp/kept/file"]);
    const whileUsed = await engine.removeVolume(volume);
    await first[Symbol.asyncDispose]();

    const readOnly = [{ volume, path: "/tmp/kept", readOnly: true }];
    const second = await createContainer(engine, image, { ...spec, keptVolumes: readOnly });
    const read = await second.run(["grep", "-q", "kept", "/tmp/kept/file"]);
    const written = await second.run(["touch", "/tmp/kept/other"]);
    await second[Symbol.asyncDispose]();
    const found = await engine.volumes(labels);
    const gone = await engine.removeVolume(volume);

    expect(whileUsed).toBe(false);
    expect([read.exitCode, written.exitCode]).toEqual([0, 1]);
    expect(found).toMatchObject([{ name: volume, labels }]);
    expect(gone).toBe(true);
    expect(await engine.volumes(labels)).toEqual([]);
    expect(await engine.removeVolume(volume)).toBe(true);
  });

  // podman's API takes no runtime: debkiln starts podman itself, which finds the images of its own user only.
  test.runIf(isAnothers(tested))("another user's podman cannot be asked for an OCI runtime", async () => {
    const creating = createContainer(engine, image, { runtime: "runc" });

    await expect(creating).rejects.toMatchObject({ fault: "usage", code: "runtime-unsupported" });
  });

  test.skipIf(isAnothers(tested))(
    "a container has the OCI runtime that is asked for, and is found and removed as any other",
    async () => {
      const runtime = tested.name === "docker" ? "io.containerd.runc.v2" : "runc";
      const owner = uniqueName();
      const labels = { "com.example.owner": owner };
      await using container = await createContainer(engine, image, { runtime, labels });
      await using usual = await createContainer(engine, image);

      await container.put("/build", tarOf({ file: "content\n" }, { uid: 1234, gid: 4321 }));
      const { exitCode } = await container.run(["grep", "-q", "content", "/build/file"]);
      const taken = await text(await container.get("/build/file"));
      const nowhere = container.put("/nowhere", tarOf({ file: "" })).catch(asFailure);
      const nothing = container.get("/nothing").catch(asFailure);
      await Promise.all([nowhere, nothing]);
      const runtimes = await Promise.all([container, usual].map(({ id }) => runtimeOf(tested, id)));
      const found = await engine.containers(labels);
      await container.remove().gone;

      expect(exitCode).toBe(0);
      expect(taken).toContain("content\n");
      expect(await nowhere).toMatchObject({ code: "directory-missing" });
      expect(await nothing).toMatchObject({ code: "path-missing" });
      expect(runtimes[0]).toBe(runtime);
      expect(runtimes[1]).not.toBe(runtime);
      expect(found).toMatchObject([{ id: container.id, running: true }]);
      expect(await engine.containers(labels)).toEqual([]);
    },
  );

  test.skipIf(isAnothers(tested))("an OCI runtime that the engine does not know is told", async () => {
    await expect(engine.requireRuntime("rucn")).rejects.toMatchObject({
      fault: "usage",
      code: "runtime-unknown",
      hint: expect.stringMatching(/Did you mean runc|containers\.conf/),
    });
  });

  test("an OCI runtime that would not hold what is executed is refused", async () => {
    await expect(engine.requireRuntime("krun")).rejects.toMatchObject({
      fault: "usage",
      code: "runtime-unsupported",
    });
  });

  test("create says that the image is missing", async () => {
    const creating = createContainer(engine, "localhost/no-such-image:here");

    await expect(creating).rejects.toMatchObject({ fault: "infrastructure", code: "image-missing" });
  });

  test("create says that the name is taken, and leaves its owner alone", async () => {
    await using first = await createContainer(engine, image);

    const second = createContainer(engine, image, { name: first.name });

    await expect(second).rejects.toMatchObject({ fault: "infrastructure", code: "container-exists" });
    expect((await first.run(["true"])).exitCode).toBe(0);
  });

  test("a container that cannot start is removed", async () => {
    const name = uniqueName();
    const { reference } = await importTestImage(engine);

    const creating = createContainer(engine, reference, { name, hostname: "x".repeat(300) });

    await expect(creating).rejects.toMatchObject({ fault: "infrastructure" });
    expect((await engine.containers({})).map((each) => each.name)).not.toContain(name);
    expect(await engine.removeImage(reference)).toBe(true);
  });

  test("a container on the host's network sees the host's interfaces", async () => {
    await using container = await createContainer(engine, image, { network: "host" });

    const { exitCode } = await container.run([
      "sh",
      "-c",
      "grep -q : /proc/net/dev && hostname | grep -qx kiln",
    ]);

    expect(exitCode).toBe(0);
  });

  test("/dev/shm has the size asked for", async () => {
    await using container = await createContainer(engine, image, { shmBytes: 8 << 20 });

    const { exitCode } = await container.run(["grep", "-q", "/dev/shm .*size=8192k", "/proc/mounts"]);

    expect(exitCode).toBe(0);
  });

  test("a file system in memory is below a volume, of the size asked for, and runs programs", async () => {
    const tmpfs = { path: "/build/second", sizeBytes: 8 << 20 };
    await using container = await createContainer(engine, image, { volumes: ["/build"], tmpfs: [tmpfs] });
    const script =
      "grep -q '^tmpfs /build/second .*size=8192k' /proc/mounts && echo '#!/bin/sh' > p && chmod 755 p && ./p";

    const { exitCode } = await container.run(["sh", "-c", script], { directory: tmpfs.path });

    expect(exitCode).toBe(0);
  });

  test("a removal that it is assured of takes place though the one who asked has gone", async () => {
    const owner = uniqueName();
    const leaver = await connect(tested);
    const container = await createContainer(leaver, image, {
      labels: { "com.example.owner": owner },
      volumes: ["/build"],
    });
    await container.run(["sh", "-c", "cd /build; seq 5000 | while read -r n; do echo $n > $n; done"]);

    await container.remove().assured;
    await leaver[Symbol.asyncDispose]();

    await vi.waitFor(
      async () => expect(await engine.containers({ "com.example.owner": owner })).toEqual([]),
      { timeout: 20_000, interval: 100 },
    );
  });

  test("a removal of a container that is gone ends well", async () => {
    const container = await createContainer(engine, image);
    await engine.removeContainer(container.id);

    const removal = container.remove();

    await expect(Promise.all([removal.assured, removal.gone])).resolves.toBeDefined();
  });
});

/** Whether it is a podman of another user than this. */
function isAnothers({ name }: TestedEngine): boolean {
  return name === (process.getuid?.() === 0 ? "podman-rootless" : "podman-rootful");
}

const Inspected = z.object({
  OCIRuntime: z.string().optional(),
  HostConfig: z.object({ Runtime: z.string().optional() }),
});

/** What an engine itself says of a container's OCI runtime. */
async function runtimeOf({ name, endpoint }: TestedEngine, id: string): Promise<unknown> {
  const path = name === "docker" ? `/containers/${id}/json` : `/v4.0.0/libpod/containers/${id}/json`;
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ socketPath: endpoint.replace("unix://", ""), path }, resolve).once("error", reject);
  });
  const { OCIRuntime: runtime, HostConfig: host } = Inspected.parse(await json(answer));
  return runtime ?? host.Runtime;
}
