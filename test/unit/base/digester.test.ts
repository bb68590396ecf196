import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { Digester, digestOfFile } from "../../../src/base/digester.ts";

const pieces = fc.array(fc.uint8Array({ minLength: 1 }).map((each) => Buffer.from(each)));

describe("Digester", () => {
  test("has the digest and size of what passed, which it leaves as it is", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const whole = Buffer.concat(chunks);
        const [asked, streamed] = [new Digester(), new Digester()];

        const same = await buffer(asked.through(Readable.from(chunks)));
        const again = await buffer(Readable.from(chunks).pipe(streamed.stream()));

        expect([same, again]).toEqual([whole, whole]);
        for (const each of [asked, streamed])
          expect([each.digest, each.sizeBytes]).toEqual([digestOf(whole), whole.length]);
      }),
    );
  });

  test("can be asked on the way", () => {
    const digester = new Digester();

    const digests = ["a", "b"].map((text) => {
      digester.update(Buffer.from(text));
      return digester.digest;
    });

    expect(digests).toEqual([digestOf("a"), digestOf("ab")]);
  });
});

test("a file has the digest of its bytes", async () => {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-digest-"));
  try {
    await writeFile(join(directory, "a"), "content");

    expect(await digestOfFile(join(directory, "a"))).toBe(digestOf("content"));
  } finally {
    await rm(directory, { recursive: true });
  }
});
