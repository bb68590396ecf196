import { describe, expect, test } from "vitest";
import { keyParts, nodeKey } from "../../../../src/build/chain/node-key.ts";
import type { BuildRequest } from "../../../../src/build/request.ts";
import { digestOf } from "../../../../src/base/digest.ts";
import { Target } from "../../../../src/environment/target.ts";
import { hook } from "../hook-fixture.ts";
import { source, stanza } from "./chain-source.ts";

const control = stanza("xx", [], "Package: xx\nArchitecture: any", "Package: x-doc\nArchitecture: all");
const rebuild = { number: 1, suffix: null, text: "x", maintainer: "A <a@b.example>", date: 0 } as const;
const checks = { names: ["lintian"], required: [], timeoutMs: 1, lintianOptions: [] } as const;
const attestations = { sbom: false, provenance: false, builder: null, version: "1" };

function key(
  more: Partial<BuildRequest> = {},
  digest = digestOf("source"),
  environment = digestOf("environment"),
) {
  return nodeKey(source(control, more).request, digest, environment);
}

const file = { path: "/etc/x", mode: 0o644, content: Buffer.from("x") };
const provisions = { mounts: [], tmpfs: [], devices: [], files: [file] };

/** What makes other results, part for part of a request. */
const changes: readonly (readonly [keyof BuildRequest, Partial<BuildRequest>])[] = [
  ["target", { target: Target.parse({ suite: "sid", architecture: "amd64" }) }],
  ["host", { host: "arm64" }],
  ["wanted", { wanted: { any: true, all: false, source: false } }],
  ["profiles", { profiles: ["nocheck"] }],
  ["buildOptions", { buildOptions: ["nocheck"] }],
  ["variation", { variation: { rebuild } }],
  ["variation", { variation: { rebuild: { ...rebuild, number: 2 } } }],
  ["variation", { variation: { variables: { CFLAGS: "-O0" } } }],
  ["variation", { variation: { buildpackage: ["--source-option=-Zxz"] } }],
  ["hooks", { hooks: [hook] }],
  ["hooks", { hooks: [{ ...hook, command: "false" }] }],
  ["hooks", { hooks: [{ ...hook, user: "builder" }] }],
  ["hooks", { hooks: [{ ...hook, point: "finished-build" }] }],
  ["keepFiles", { keepFiles: ["*.log"] }],
  ["sourceChanges", { sourceChanges: true }],
  ["provisions", { provisions }],
  ["provisions", { provisions: { ...provisions, hostname: "other" } }],
  ["provisions", { provisions: { ...provisions, files: [{ ...file, content: Buffer.from("other") }] } }],
  ["checks", { checks: { ...checks, required: ["lintian"] } }],
  ["attestations", { attestations: { ...attestations, sbom: true } }],
  ["attestations", { attestations: { ...attestations, provenance: true } }],
];

describe("the key of a source's results", () => {
  test.each(changes)("differs by %s: %j", (_, more) => {
    expect(key(more)).not.toBe(key());
  });

  test("is another for each of them", () => {
    const keys = [key(), key({}, digestOf("other")), key({}, undefined, digestOf("other"))];

    expect(new Set([...keys, ...changes.map(([, more]) => key(more))]).size).toBe(
      keys.length + changes.length,
    );
  });

  test("is the same whatever bounds a build, and however much runs at once", () => {
    const same: Partial<BuildRequest> = {
      jobs: 7,
      limits: { cpus: 1 },
      diskBytes: 1,
      deadlines: { totalMs: 2, silenceMs: 2 },
      output: "/elsewhere",
      machine: "arm64",
      checks,
      attestations,
      hooks: [{ ...hook, point: "cleanup" }],
    };

    expect(key(same)).toBe(key());
  });

  test("is proven to differ by each part that counts", () => {
    const counting = Object.entries(keyParts).flatMap(([name, how]) =>
      ["key", "plan"].includes(how) ? [name] : [],
    );

    expect(counting.toSorted()).toEqual(
      [...new Set([...changes.map(([name]) => name), "source"])].toSorted(),
    );
  });
});
