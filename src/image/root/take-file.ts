import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { Digester } from "../../base/digester.ts";
import type { Digest } from "../../base/digest.ts";
import { Failure } from "../../base/failure.ts";
import { piped } from "../../base/piped.ts";
import type { Container } from "../../engine/engine.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { diskFailure } from "../../store/disk.ts";

/** A file that the store has. */
export interface StoredFile {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * Brings a container's file into the store: by `cat` rather than the engine's archive, whose tar would only have to be read
 * again. @throws Failure export-failed, disk-full (infrastructure).
 */
export async function takeFile(kiln: Kiln, container: Container, path: string): Promise<StoredFile> {
  const directory = await kiln.store.temporaryDirectory();
  try {
    const file = join(directory, "file");
    const print = async (output: Writable) => {
      const { exitCode } = await container.run(["cat", path], { stdout: output, signal: kiln.signal });
      if (exitCode !== 0) throw unreadable(path, exitCode);
    };
    const taken = await piped(print, (content) => write(content, file));
    await kiln.store.adoptFile(file, taken.digest);
    return taken;
  } catch (thrown) {
    throw diskFailure(thrown, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function write(chunks: AsyncIterable<Uint8Array>, file: string): Promise<StoredFile> {
  const digester = new Digester();
  await using handle = await open(file, "wx");
  for await (const chunk of digester.through(chunks)) await handle.writeFile(chunk);
  return { digest: digester.digest, sizeBytes: digester.sizeBytes };
}

function unreadable(path: string, exitCode: number): Failure {
  return new Failure("infrastructure", "export-failed", `${path} could not be read out of its container`, {
    hint: "The engine ended what read it; start again.",
    details: { path, exitCode },
  });
}
