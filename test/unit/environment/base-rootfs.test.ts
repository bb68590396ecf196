import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { Failure } from "../../../src/base/failure.ts";
import { rootFile } from "../../../src/oci/root-file.ts";
import { packTar } from "../../../src/oci/tar.ts";
import { rootfsIn } from "../../../src/environment/base-rootfs.ts";

const layer = await buffer(packTar([rootFile("etc/random", randomBytes(256 * 1024))]));
const base = digestOf(layer);
const forms = [
  ["as it is", (tar: Buffer) => tar],
  ["compressed by gzip", gzipSync],
  ["compressed by zstd", zstdCompressSync],
] as const;

describe("rootfsIn", () => {
  test.each(forms)("gives the layer of that digest, %s", async (_, form) => {
    const archive = packTar([rootFile("manifest.json", Buffer.from("[]")), rootFile("a", form(layer))]);

    expect(digestOf(await buffer(rootfsIn(archive, base)))).toBe(base);
  });

  test.each(forms)("refuses a layer of another digest, %s", async (_, form) => {
    const archive = packTar([rootFile("a", form(layer))]);

    await expect(buffer(rootfsIn(archive, digestOf(Buffer.from("other"))))).rejects.toMatchObject({
      code: "base-altered",
    });
  });

  test.each(forms)("raises what ends the archive within a layer, %s", async (_, form) => {
    const whole = await buffer(packTar([rootFile("a", form(layer))]));
    const lost = new Failure("infrastructure", "engine-lost", "The engine went away");
    const broken = (async function* () {
      yield whole.subarray(0, 64 * 1024);
      throw lost;
    })();

    await expect(buffer(rootfsIn(Readable.from(broken, { objectMode: false }), base))).rejects.toBe(lost);
  });
});
