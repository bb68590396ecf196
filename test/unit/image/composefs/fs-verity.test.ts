import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { type VerityAlgorithm, verityOf } from "../../../../src/image/composefs/fs-verity.ts";

const hashesPerBlock = { sha256: 128, sha512: 64 };

test.each(["sha256", "sha512"] as const)("fs-verity digests by %s are those of fsverity(1)", async (name) => {
  const whole = hashesPerBlock[name] * 4096;
  for (const size of [
    0,
    1,
    4095,
    4096,
    4097,
    whole,
    whole + 1,
    whole * 2 - 1,
    whole * hashesPerBlock[name] + 1,
  ]) {
    const bytes = Buffer.alloc(size, "some bytes ");

    expect(await verityOf(inPieces(bytes), name), `${size} bytes`).toBe(await judged(bytes, name));
  }
});

function* inPieces(bytes: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007);
}

async function judged(bytes: Buffer, algorithm: VerityAlgorithm): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-verity-"));
  try {
    const file = join(directory, "file");
    await writeFile(file, bytes);
    const { stdout } = await execa("fsverity", ["digest", `--hash-alg=${algorithm}`, "--compact", file]);
    return stdout.trim();
  } finally {
    await rm(directory, { recursive: true });
  }
}
