import { describe, expect, test } from "vitest";
import {
  type NamedRecord,
  decodeRecord,
  encodeRecord,
  handChanges,
  withChange,
} from "../../../../src/environment/named/record.ts";
import { checkTarget } from "../../../../src/environment/target.ts";
import { labelChange } from "../../../../src/engine/quirks.ts";

const record: NamedRecord = {
  schemaVersion: 1,
  target: checkTarget({ suite: "trixie", architecture: "amd64", repositories: ['Types: deb\nX: "$y" \\z'] }),
  parent: null,
  changes: ["env init"],
  altered: false,
};

describe("the record of a named environment", () => {
  test("goes through a label, whatever is in it", () => {
    const text = encodeRecord(record);

    expect(labelChange("debkiln.named", text)).toContain(text);
    expect(decodeRecord(text)).toEqual(record);
  });

  test.each([
    ["nothing", undefined],
    ["no JSON", "AAAA"],
    ["another version", Buffer.from(JSON.stringify({ ...record, schemaVersion: 2 })).toString("base64url")],
    ["more than it may have", Buffer.from(JSON.stringify({ ...record, run: "rm" })).toString("base64url")],
    ["a target that is none", encodeRecord({ ...record, target: { ...record.target, suite: "../x" } })],
  ])("is not read from %s", (_, label) => {
    expect(decodeRecord(label)).toBeNull();
  });

  test("tells what was done by hand from what changed its packages", () => {
    const said = [
      "env init git",
      "shell",
      "exec make install",
      "install shelltest",
      "cp notes /build",
      "apt exec",
    ];
    const changed = said.reduce(withChange, record);

    expect(handChanges(changed)).toEqual(["shell", "exec make install", "cp notes /build"]);
  });

  test("remembers the last changes, and each as far as it goes", () => {
    let changed = record;
    for (let at = 0; at < 60; at++) changed = withChange(changed, `install p${at} ${"x".repeat(400)}`);

    expect(changed.changes).toHaveLength(40);
    expect(changed.changes.at(-1)).toMatch(/^install p59 x+\.\.\.$/);
    expect(decodeRecord(encodeRecord(changed))).toEqual(changed);
  });
});
