import { join } from "node:path";
import { tmpdir } from "node:os";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { beforeAll, expect, test } from "vitest";
import { labelChange } from "../../src/engine/quirks.ts";
import { asFailure, interrupted } from "../../src/base/failure.ts";
import type { Container, Engine } from "../../src/engine/engine.ts";
import { describeEngines } from "./engines.ts";
import { createContainer, openContainer, tarOf, uniqueName } from "./test-image.ts";

describeEngines("Container.put, get and commit", (tested) => {
  let engine: Engine;
  let image: string;
  let container: Container;

  beforeAll(async () => {
    const place = await openContainer(tested, { volumes: ["/build"] });
    ({ engine, image, container } = place);
    return () => place[Symbol.asyncDispose]();
  });

  test("put keeps owners and modes", async () => {
    await container.put("/tmp", tarOf({ "owned/": "", "owned/file": "content" }, { uid: 1234, gid: 4321 }));

    expect(await shell(container, "cd /tmp/owned; stat -c '%n %u:%g %a' . file; cat file")).toBe(
      ". 1234:4321 755\nfile 1234:4321 755\ncontent",
    );
  });

  test("put writes into a volume", async () => {
    await container.put("/build", tarOf({ "source.txt": "tree" }));

    expect(await shell(container, "cat /build/source.txt")).toBe("tree");
  });

  test("put follows a link to a directory", async () => {
    await shell(
      container,
      "mkdir /tmp/real; ln -s real /tmp/link 2>/dev/null || busybox ln -s real /tmp/link",
    );

    await container.put("/tmp/link", tarOf({ through: "the link" }));

    expect(await shell(container, "cat /tmp/real/through")).toBe("the link");
  });

  test("put says that the directory is missing, also where there is a file of that name", async () => {
    await shell(container, "echo x >/tmp/a-file");

    const puts = ["/no/such", "/tmp/a-file"].map((path) =>
      container.put(path, tarOf({ file: "x" })).catch(asFailure),
    );

    const missing = expect.objectContaining({ fault: "infrastructure", code: "directory-missing" });
    expect(await Promise.all(puts)).toEqual([missing, missing]);
  });

  test("put throws the tar's own error when its source breaks", async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(512);
        throw new Error("the disk is gone");
      })(),
    );

    await expect(container.put("/tmp", broken)).rejects.toThrow("the disk is gone");
  });

  test("get gives the tar of a file and of a directory", async () => {
    await shell(container, "mkdir -p /tmp/out/sub; echo one >/tmp/out/1; echo two >/tmp/out/sub/2");

    const file = await filesIn(await container.get("/tmp/out/1"));
    const directory = await filesIn(await container.get("/tmp/out"));

    expect(file).toEqual({ "1": "one\n" });
    expect(directory).toEqual({ "out/1": "one\n", "out/sub/2": "two\n" });
  });

  test("get says that there is no such path", async () => {
    await expect(container.get("/no/such")).rejects.toMatchObject({ code: "path-missing" });
  });

  test("put ends at the signal, and the container can be removed at once", async () => {
    const own = await createContainer(engine, image);
    const stop = new AbortController();
    const whole = await buffer(tarOf({ large: Buffer.alloc(4 << 20) }));
    const stuck = new PassThrough();
    const putting = own.put("/tmp", stuck, stop.signal).catch(asFailure);
    await new Promise((taken) => stuck.write(whole.subarray(0, 2 << 20), taken));

    stop.abort(interrupted("a test"));

    expect(await putting).toMatchObject({ fault: "interrupted" });
    const begin = performance.now();
    await own[Symbol.asyncDispose]();
    expect(performance.now() - begin).toBeLessThan(15_000);
  });

  test("put and get of 300 MB leave memory flat", async () => {
    const block = Buffer.alloc(1 << 20, "z");
    const before = process.memoryUsage().rss;
    let highest = 0;

    await container.put("/build", megabytes(300, block));
    let received = 0;
    const archive: AsyncIterable<Buffer> = await container.get("/build/big");
    for await (const chunk of archive) {
      received += chunk.length;
      highest = Math.max(highest, process.memoryUsage().rss - before);
    }
    await shell(container, "rm /build/big");

    expect(received).toBeGreaterThan(300 << 20);
    expect(highest).toBeLessThan(200 << 20);
  });

  test("commit takes the root filesystem without volumes while a command runs", async () => {
    const reference = `localhost/${uniqueName()}:committed`;
    await using own = await createContainer(engine, image, { volumes: ["/build"] });
    await shell(own, "echo root >/etc/in-root; echo volume >/build/in-volume");
    const [input, output] = [new PassThrough(), new PassThrough()];
    const running = own.run(["sh", "-c", "echo ready; cat"], { stdout: output, input });
    await once(output, "data");

    const committed = await own.commit(reference, {
      changes: [labelChange("com.example.key", "a b,c"), 'CMD ["env"]'],
    });
    input.end();
    const { exitCode } = await running;
    await using next = await createContainer(engine, reference);
    const seen = await shell(next, "cat /etc/in-root; ls /build");
    await next[Symbol.asyncDispose]();
    const removed = await engine.removeImage(reference);

    expect(committed.references).toEqual([reference]);
    expect(committed.labels["com.example.key"]).toBe("a b,c");
    expect(committed.layers).toBe(2);
    expect(committed.architecture).toBe((await engine.about()).architecture);
    expect(exitCode).toBe(0);
    expect(seen).toBe("root\n");
    expect(removed).toBe(true);
  });

  test("a container sees directories and devices of the host, and has directories in memory", async () => {
    const directory = await mkdtemp(join(tmpdir(), "debkiln-mount-"));
    await chmod(directory, 0o777);
    await writeFile(join(directory, "told"), "by the host\n");
    await using container = await createContainer(engine, image, {
      mounts: [
        { source: directory, path: "/mnt/read", writable: false },
        { source: directory, path: "/mnt/write", writable: true },
      ],
      tmpfs: [
        { path: "/work", sizeBytes: 1 << 20 },
        { path: "/more", sizeBytes: null },
      ],
      devices: ["/dev/fuse"],
    });
    const script = [
      "cat /mnt/read/told",
      "touch /mnt/read/no 2> /dev/null || echo read-only",
      "echo here > /mnt/write/by-builder",
      "cat /bin/busybox > /more/sh; chmod 755 /more/sh; /more/sh -c 'echo runs'",
      "dd if=/dev/zero of=/work/big bs=64k count=32 2> /dev/null || echo full",
      "stat -c '%t:%T %F' /dev/fuse",
      "stat -c %a /work",
    ].join("; ");

    const seen = await shell(container, script);

    expect(seen).toBe("by the host\nread-only\nruns\nfull\na:e5 character special file\n1777\n");
    expect(await readFile(join(directory, "by-builder"), "utf8")).toBe("here\n");
    await rm(directory, { recursive: true });
  });
});

async function shell(container: Container, script: string): Promise<string> {
  const output = new PassThrough();
  const [said] = await Promise.all([
    text(output),
    container.run(["sh", "-c", script], { stdout: output, stderr: output }).finally(() => output.end()),
  ]);
  return said;
}

async function filesIn(archive: Readable): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const extract = tar.extract();
  archive.pipe(extract);
  for await (const entry of extract) {
    if (entry.header.type === "file") files[entry.header.name] = await text(Readable.from(entry));
    else entry.resume();
  }
  return files;
}

function megabytes(count: number, block: Buffer): Readable {
  const pack = tar.pack();
  const entry = pack.entry({ name: "big", size: count * block.length });
  void pipeline(Readable.from(Array.from({ length: count }, () => block)), entry).then(() => pack.finalize());
  return Readable.from(pack);
}
