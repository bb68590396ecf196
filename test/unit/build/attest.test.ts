import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf } from "../../../src/base/digest.ts";
import { provenanceName, writeAttestations } from "../../../src/build/attest.ts";
import { lockFileVersion } from "../../../src/environment/lock-file.ts";
import { lock } from "../attestation/fixture.ts";
import { result } from "./result-fixture.ts";

const deb = {
  name: "sl_5.02-1_amd64.deb",
  path: "/sl_5.02-1_amd64.deb",
  sizeBytes: 1,
  sha256: digestOf("deb"),
  kind: "deb",
} as const;
const wanted = { sbom: false, provenance: true, builder: null, version: "1" };

test("the provenance names the hooks that took part in the build, and no others", async () => {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-attest-"));
  const ended = { place: "container", status: "done", seconds: 1 } as const;
  const hooks = [
    { ...ended, name: "mine", point: "setup" },
    { ...ended, name: "other", point: "cleanup" },
  ] as const;
  const lockFile = {
    kind: "debkiln-lock",
    schemaVersion: lockFileVersion,
    lock,
    base: [],
    source: { name: "sl", version: "5.02-1", files: [] },
    build: null,
  } as const;

  await writeAttestations(directory, { result: { ...result, artifacts: [deb], hooks }, lockFile }, wanted);
  const text = await readFile(join(directory, provenanceName("build")), "utf8");
  await rm(directory, { recursive: true });

  expect(JSON.parse(text)).toMatchObject({
    predicate: { buildDefinition: { externalParameters: { hooks: ["mine at setup"] } } },
  });
});
