import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure, asFailure } from "../../../src/base/failure.ts";
import { deliver, demultiplex } from "../../../src/engine/demultiplex.ts";

describe("demultiplex", () => {
  test("gives each stream its bytes however the frames are cut", async () => {
    const frames = fc.array(
      fc.record({ stream: fc.constantFrom(1, 2), payload: fc.string({ maxLength: 50 }) }),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

    await fc.assert(
      fc.asyncProperty(frames, cuts, async (frames, cuts) => {
        const whole = Buffer.concat(frames.map(({ stream, payload }) => frame(stream, payload)));

        const outputs = await demultiplexed(cut(whole, cuts));

        const expected = (wanted: number) =>
          frames
            .filter(({ stream }) => stream === wanted)
            .map(({ payload }) => payload)
            .join("");
        expect(outputs).toEqual([expected(1), expected(2)]);
      }),
    );
  });

  test.for([
    ["inside a payload", frame(1, "hello").subarray(0, 10)],
    ["inside a header", frame(1, "hello").subarray(0, 3)],
    ["with a stream that is none", frame(7, "hello")],
  ] as const)("fails with a stream that breaks %s", async ([, bytes]) => {
    const failure = await demultiplex(cut(bytes, [bytes.length]), {
      stdout: undefined,
      stderr: undefined,
    }).catch(asFailure);

    expect(failure).toMatchObject({ fault: "infrastructure", code: "engine-lost" });
  });

  test("has ended only when a slow sink has done with everything", async () => {
    let done = 0;
    const slow = new Writable({
      write: (chunk: Buffer, _, next) => {
        done += chunk.length;
        setImmediate(next);
      },
    });
    const frames = Array.from({ length: 20 }, () => frame(1, "x".repeat(100)));

    await demultiplex(cut(Buffer.concat(frames), [1000]), { stdout: slow, stderr: slow });

    expect(done).toBe(2000);
  });

  test("fails when a sink goes away with what it still holds", async () => {
    const going = new Writable({ write: () => void setImmediate(() => going.destroy()) });

    const failure = await demultiplex(cut(frame(1, "hello"), [100]), {
      stdout: going,
      stderr: undefined,
    }).catch(asFailure);

    expect(failure).toMatchObject({ fault: "infrastructure", code: "output-closed" });
  });

  test.each([
    [new Error("the disk is full"), { cause: { message: "the disk is full" } }],
    [undefined, {}],
  ])("fails when a sink went away (%s) long before the command's end", async (cause, wanted) => {
    const gone = new Writable({ write: () => void setImmediate(() => gone.destroy(cause)) });
    const source = (async function* () {
      yield frame(1, "hello");
      await once(gone, "close").catch(() => null);
    })();

    const failure = await demultiplex(source, { stdout: gone, stderr: undefined }).catch(asFailure);

    expect(failure).toMatchObject({ fault: "infrastructure", code: "output-closed", ...wanted });
  });

  test("fails with a sink's own failure", async () => {
    const full = new Failure("package", "log-too-large", "The log is too large");
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(full) });

    const work = demultiplex(cut(frame(1, "hello"), [100]), { stdout: sink, stderr: undefined });

    await expect(work).rejects.toBe(full);
  });

  test("reads no further while a sink is full", async () => {
    let read = 0;
    const source = (async function* () {
      for (read = 1; read <= 100; read++) yield frame(1, "x".repeat(1000));
    })();
    const full = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done() });
    full.cork();

    const work = demultiplex(source, { stdout: full, stderr: undefined });
    await new Promise((resolve) => setImmediate(resolve));
    const readWhileFull = read;
    full.uncork();
    await work;

    expect(readWhileFull).toBe(1);
    expect(read).toBe(101);
  });
});

describe("deliver", () => {
  test("fails when the stream is closed while it waits", async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined });

    const work = deliver(stuck, Buffer.from("more than one")).catch(asFailure);
    stuck.destroy(new Error("the disk is full"));

    expect(await work).toMatchObject({ code: "output-closed", cause: { message: "the disk is full" } });
  });
});

function frame(stream: number, payload: string): Buffer {
  const content = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    yield bytes.subarray(start, start + length);
    start += length;
  }
}

async function demultiplexed(source: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  await demultiplex(source, { stdout, stderr });
  stdout.end();
  stderr.end();
  return await texts;
}
