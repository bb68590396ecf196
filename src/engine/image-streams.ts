import { once } from "node:events";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import tar from "tar-stream";
import { ImageAnswer } from "./answers.ts";
import { apiFailure } from "./api-failure.ts";
import type { BuildImageOptions, Engine, ImportOptions } from "./engine.ts";
import { debianNameOf, platformOf } from "./platform.ts";
import { followProgress, progressText } from "./progress.ts";
import { importQuery, relabelledArchive } from "./quirks.ts";
import { readableOf } from "./wire.ts";

/** Pulls an image of one architecture. */
export async function pullImage(
  docker: Docker,
  reference: string,
  { architecture, signal, log }: Parameters<Engine["pull"]>[1],
): Promise<void> {
  const action = `pull ${reference}`;
  const code = "image-pull-failed";
  try {
    const stream = await docker.createImage({
      fromImage: reference,
      platform: platformOf(architecture),
      ...aborted(signal),
    });
    await followProgress(readableOf(stream), code, action, (message) => log?.(progressText(message)));
  } catch (thrown) {
    signal?.throwIfAborted();
    throw apiFailure(thrown, action, code);
  }
}

/** Loads an archive and gives the references that the engine says it had. */
export async function loadArchive(docker: Docker, archive: Readable): Promise<readonly string[]> {
  const references: string[] = [];
  try {
    const stream = readableOf(await docker.loadImage(archive));
    await followProgress(stream, "image-load-failed", "load an image archive", ({ stream }) => {
      for (const [, names] of (stream ?? "").matchAll(/^Loaded image(?:\(s\))?: (.+)$/gm)) {
        references.push(...(names ?? "").split(/,\s*/));
      }
    });
    return references;
  } catch (thrown) {
    throw apiFailure(thrown, "load an image archive", "image-load-failed");
  } finally {
    archive.destroy();
  }
}

/** Imports a root filesystem as an image of the given architecture. */
export async function importImage(
  docker: Docker,
  rootfs: Readable,
  reference: string,
  { changes, architecture, signal }: ImportOptions,
): Promise<void> {
  const action = `import ${reference}`;
  try {
    // An idle connection is closed by podman's service (net/http IdleTimeout), and a bootstrap thinks long before it writes.
    await once(rootfs, "readable", signal === undefined ? {} : { signal });
    const query = { ...importQuery(reference, changes, platformOf(architecture)), ...aborted(signal) };
    const stream = readableOf(await docker.importImage(rootfs, query));
    await followProgress(stream, "image-import-failed", action);
    await relabel(docker, reference, architecture);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw apiFailure(thrown, action, "image-import-failed");
  } finally {
    rootfs.destroy();
  }
}

/** Corrects the architecture where the engine recorded its own (engines.md 15). No layer is sent again. */
async function relabel(docker: Docker, reference: string, architecture: string): Promise<void> {
  const answer = ImageAnswer.parse(await docker.getImage(reference).inspect());
  if (debianNameOf(answer.Architecture, answer.Variant) === architecture) return;
  const archive = tar.pack();
  for (const [name, content] of Object.entries(relabelledArchive(answer, reference, architecture))) {
    archive.entry({ name }, content);
  }
  archive.finalize();
  await loadArchive(docker, Readable.from(archive));
  await docker.getImage(answer.Id).remove({ force: false });
}

/** Builds an image; a failed build leaves no container (engines.md 9). */
export async function buildImage(
  docker: Docker,
  context: Readable,
  options: BuildImageOptions,
): Promise<void> {
  const { signal, log } = options;
  const action = `build ${options.reference}`;
  const code = "image-build-failed";
  try {
    const stream = readableOf(
      await docker.buildImage(context, {
        t: options.reference,
        dockerfile: options.containerfile,
        labels: { ...options.labels },
        buildargs: { ...options.arguments },
        networkmode: options.network,
        rm: true,
        forcerm: true,
        ...(options.target === undefined ? {} : { target: options.target }),
        ...aborted(signal),
      }),
    );
    await followProgress(stream, code, action, (message) => log?.(progressText(message)));
  } catch (thrown) {
    signal?.throwIfAborted();
    throw apiFailure(thrown, action, code);
  } finally {
    context.destroy();
  }
}

function aborted(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
