import { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import type { Container } from "../../../src/engine/engine.ts";
import { packTar } from "../../../src/oci/tar.ts";
import { type TestedEngine, connect } from "../../engine/engines.ts";
import type { Kiln } from "../kiln.ts";
import { writeTree } from "../package.ts";

/** A container with trixie's skopeo, oras and cosign, which sees this machine's loopback. Disposing ends it. */
export interface Judges extends AsyncDisposable {
  run(...argv: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }>;
  /** Writes a file in its /tmp; gives its path. */
  write(name: string, text: string): Promise<string>;
}

const Explained = z.object({
  result: z.object({ installation: z.object({ start: z.object({ reference: z.string() }) }) }),
});

/**
 * They come as the build dependencies of a package, for debkiln knows how to install such things; trixie's, for those of
 * Debian 12 are built without sigstore.
 */
export async function callJudges(tested: TestedEngine, kiln: Kiln): Promise<Judges> {
  const fields = ["Build-Depends: skopeo, oras, cosign"];
  const tree = await writeTree(kiln.directory, { name: "judges", fields });
  const built = await kiln.run("build", "-d", "trixie", tree);
  if (built.exitCode !== 0) throw new Error(`The judges cannot be installed: ${built.stderr}`);
  const { stdout } = await kiln.run("explain", "--json", "-d", "trixie", tree);
  const { result } = Explained.parse(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? ""));
  const engine = await connect(tested);
  const container = await engine.create({
    image: result.installation.start.reference,
    name: `debkiln-test-judges-${process.pid}`,
    labels: {},
    network: "host",
    hostname: "judges",
    environment: { HOME: "/tmp" },
    volumes: ["/tmp"],
    capabilities: [],
    limits: {},
    architecture: "amd64",
  });
  return {
    run: (...argv) => run(container, argv),
    write: async (name, text) => {
      const bytes = Buffer.from(text);
      const file = { type: "file", path: name, mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
      const tar = await buffer(packTar([{ ...file, size: bytes.length, content: () => bytes }]));
      await container.put("/tmp", Readable.from([tar]));
      return `/tmp/${name}`;
    },
    [Symbol.asyncDispose]: async () => {
      await container[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

async function run(container: Container, argv: readonly string[]) {
  const said: Buffer[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      said.push(chunk);
      done();
    },
  });
  const { exitCode } = await container.run(argv, { stdout: output, stderr: output });
  return { exitCode, output: Buffer.concat(said).toString() };
}
