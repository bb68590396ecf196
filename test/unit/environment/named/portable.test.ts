import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { keyOf } from "../../../../src/base/digest.ts";
import type { Lock } from "../../../../src/environment/lock.ts";
import { carriedLock, exportedLabels, lockLabel } from "../../../../src/environment/named/portable.ts";
import type { ImageConfig } from "../../../../src/oci/image-spec.ts";

const lock: Lock = {
  schemaVersion: 1,
  suite: "trixie",
  architecture: "amd64",
  base: keyOf("base"),
  packages: [
    {
      name: "hello",
      version: "2.10-5",
      architecture: "amd64",
      sha256: keyOf("hello"),
      sizeBytes: 53,
      uri: "http://mirror.example/debian/pool/main/h/hello/hello_2.10-5_amd64.deb",
    },
  ],
  releases: [],
};

function config(labels: Record<string, string>, architecture = "amd64"): ImageConfig {
  return {
    architecture,
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [] },
  };
}

describe("an environment that travels", () => {
  test("carries its lock, and nothing else that this machine said of it", () => {
    const labels = exportedLabels(
      { "debkiln.process": "host+pid", "debkiln.named": "x", maintainer: "me" },
      lock,
    );

    expect(carriedLock(config(labels))).toEqual(lock);
    expect(labels).toMatchObject({ maintainer: "me", "debkiln.kind": "exported" });
    expect(Object.keys(labels)).not.toEqual(expect.arrayContaining(["debkiln.process"]));
    expect(labels["debkiln.named"]).toBeUndefined();
  });

  test.each([
    ["nothing", {}, "it carries none"],
    ["no gzip", { [lockLabel]: "AAAA" }, "cannot be read"],
    ["no lock", { [lockLabel]: gzipSync('{"packages":[]}').toString("base64url") }, "cannot be read"],
    [
      "a bomb",
      { [lockLabel]: gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString("base64url") },
      "cannot be read",
    ],
  ])("is refused when it carries %s", (_, labels, why) => {
    expect(() => carriedLock(config(labels))).toThrow(
      expect.objectContaining({ code: "environment-without-lock", message: expect.stringContaining(why) }),
    );
  });

  test("is refused when its lock is for another architecture", () => {
    expect(() => carriedLock(config(exportedLabels({}, lock), "arm64"))).toThrow(
      expect.objectContaining({ message: expect.stringContaining("for amd64, the image for arm64") }),
    );
  });
});
