import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { apiFailure } from "./api-failure.ts";
import type { BuildImageOptions, Engine } from "./engine.ts";
import { platformOf } from "./platform.ts";
import { followProgress, progressText } from "./progress.ts";
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

/** docker-modem's options of a request that ends with a signal. */
export function aborted(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
