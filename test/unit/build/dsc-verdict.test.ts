import { describe, expect, test } from "vitest";
import { saidOf, signatureFailure } from "../../../src/build/source/dsc-verdict.ts";

const by = { fingerprint: "AB12", owner: "Jane \u001b[1mDoe" };

describe("a .dsc's signature", () => {
  test("is told with its owner, whose name cannot steer a terminal, and since when the key has expired", () => {
    expect(saidOf({ kind: "good", ...by, expired: null })).toMatch(
      /^signed by Jane [^\u001b]*Doe with the key AB12$/,
    );
    expect(saidOf({ kind: "good", ...by, expired: 1_609_372_800 })).toMatch(/expired since \(2020-12-31\)$/);
  });

  test.each([
    [{ kind: "unsigned" }, "dsc-unsigned", /is not signed/],
    [{ kind: "unknown-key", key: "CD34" }, "dsc-key-unknown", /the key CD34, which is in no keyring/],
    [{ kind: "expired", ...by }, "dsc-key-expired", /AB12, which had expired by then/],
    [{ kind: "revoked", ...by }, "dsc-key-revoked", /AB12, which was revoked/],
    [{ kind: "bad", owner: "" }, "dsc-signature-bad", /sl\.dsc is not what/],
    [{ kind: "unusable", reason: "no reason" }, "dsc-signature-unusable", /says nothing: no reason/],
  ] as const)("that is %o is %s", (verdict, code, message) => {
    const failure = signatureFailure("sl.dsc", verdict);

    expect(failure).toMatchObject({ fault: "package", code });
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain("\u001b");
  });
});
