import { Writable } from "node:stream";
import type { Digest } from "../../src/base/digest.ts";
import type { Container, ContainerSpec } from "../../src/engine/engine.ts";
import { capabilities } from "../../src/environment/capabilities.ts";
import { imageReference } from "../../src/environment/names.ts";
import { type TestedEngine, connect } from "../engine/engines.ts";

/** A fresh container of a base, in which nothing of debkiln runs. Disposing removes it. */
export interface CleanContainer extends AsyncDisposable {
  readonly container: Container;
  /** Runs a shell's words as root; gives all that they print. */
  run(script: string): Promise<{ readonly exitCode: number; readonly output: string }>;
}

export async function cleanContainer(
  tested: TestedEngine,
  base: Digest,
  network: ContainerSpec["network"],
): Promise<CleanContainer> {
  const engine = await connect(tested);
  const container = await engine.create({
    image: imageReference("base", base),
    name: `debkiln-test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`,
    labels: {},
    network,
    hostname: "clean",
    environment: {},
    volumes: [],
    capabilities,
    limits: {},
    architecture: "amd64",
  });
  return {
    container,
    run: async (script) => {
      const said: Buffer[] = [];
      const output = new Writable({
        write: (chunk: Buffer, _, done) => {
          said.push(chunk);
          done();
        },
      });
      const { exitCode } = await container.run(["sh", "-c", script], { stdout: output, stderr: output });
      return { exitCode, output: Buffer.concat(said).toString() };
    },
    [Symbol.asyncDispose]: async () => {
      await container[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}
