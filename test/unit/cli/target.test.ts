import { describe, expect, test } from "vitest";
import { builtIn, Settings } from "../../../src/cli/settings.ts";
import { targetOf } from "../../../src/cli/target.ts";

const settings = Settings.parse(builtIn);

describe("targetOf", () => {
  test("takes the suite from the flags", () => {
    expect(targetOf({ dist: "sid", arch: "arm64" }, settings, null)).toMatchObject({
      suite: "sid",
      architecture: "arm64",
    });
  });

  test.each([
    [{ dist: "Trixie" }, "unknown-suite", "Did you mean trixie?"],
    [{ dist: "trixei" }, "unknown-suite", "Did you mean trixie?"],
    [{ dist: "../etc" }, "unknown-suite", "Known are "],
    [{ arch: "x86_64" }, "unknown-architecture", "Did you mean amd64?"],
    [{ arch: "aarch64" }, "unknown-architecture", "Did you mean arm64?"],
    [{ arch: "amd46" }, "unknown-architecture", "amd64"],
    [{ target: "debian-trixie-amd46" }, "unknown-architecture", "amd64"],
    [{ target: "debian-trixi-amd64" }, "unknown-suite", "Did you mean trixie?"],
    [{ mirror: "mirror.example" }, "bad-target", "The archive's mirror"],
    [{ "snapshot-mirror": "", mirror: "ftp://mirror.example" }, "bad-target", "The archive's mirror"],
  ])("says of %j what is wrong and what would be right", (flags, code, hint) => {
    expect(() => targetOf(flags, settings, null)).toThrow(
      expect.objectContaining({ fault: "usage", code, hint: expect.stringContaining(hint) }),
    );
  });
});
