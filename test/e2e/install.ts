import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Writable } from "node:stream";
import type { Digest } from "../../src/base/digest.ts";
import { capabilities } from "../../src/environment/capabilities.ts";
import { imageReference } from "../../src/environment/names.ts";
import { packTar, type TarEntry } from "../../src/oci/tar.ts";
import { type TestedEngine, connect } from "../engine/engines.ts";

/** Installs .debs with apt in a fresh container of a base that has no network. */
export async function installOnBase(
  engine: TestedEngine,
  base: Digest,
  debs: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; output: string }> {
  await using connected = await connect(engine);
  await using container = await connected.create({
    image: imageReference("base", base),
    name: `debkiln-test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`,
    labels: {},
    network: "none",
    hostname: "clean",
    environment: {},
    volumes: [],
    capabilities,
    limits: {},
    architecture: "amd64",
  });
  await container.put("/tmp", packTar(files(debs)));
  const said: Buffer[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      said.push(chunk);
      done();
    },
  });
  const argv = ["sh", "-c", "apt-get -q -y -o APT::Sandbox::User=root install /tmp/*.deb"];
  const { exitCode } = await container.run(argv, { stdout: output, stderr: output });
  return { exitCode, output: Buffer.concat(said).toString() };
}

async function* files(debs: Readonly<Record<string, string>>): AsyncGenerator<TarEntry> {
  for (const [path, file] of Object.entries(debs)) {
    const { size } = await stat(file);
    const content = () => createReadStream(file);
    yield { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size, content };
  }
}
