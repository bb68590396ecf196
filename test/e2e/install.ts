import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Digest } from "../../src/base/digest.ts";
import { packTar, type TarEntry } from "../../src/oci/tar.ts";
import type { TestedEngine } from "../engine/engines.ts";
import { cleanContainer } from "./clean-container.ts";

/** Installs .debs with apt in a fresh container of a base that has no network. */
export async function installOnBase(
  engine: TestedEngine,
  base: Digest,
  debs: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  await using clean = await cleanContainer(engine, base, "none");
  await clean.container.put("/tmp", packTar(files(debs)));
  return await clean.run("apt-get -q -y -o APT::Sandbox::User=root install /tmp/*.deb");
}

async function* files(debs: Readonly<Record<string, string>>): AsyncGenerator<TarEntry> {
  for (const [path, file] of Object.entries(debs)) {
    const { size } = await stat(file);
    const content = () => createReadStream(file);
    yield { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size, content };
  }
}
