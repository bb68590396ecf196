import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import tar from "tar-stream";
import { ImageAnswer } from "./answers.ts";
import { apiFailure } from "./api-failure.ts";
import type { About, ImportOptions } from "./engine.ts";
import { aborted, loadArchive } from "./image-streams.ts";
import { debianNameOf, platformOf } from "./platform.ts";
import { followProgress } from "./progress.ts";
import { importQuery, libpodImportQuery, relabelledArchive } from "./quirks.ts";
import { readableOf } from "./wire.ts";

/** Imports a root filesystem as an image of the given architecture. */
export async function importImage(
  docker: Docker,
  kind: About["kind"],
  rootfs: Readable,
  reference: string,
  options: ImportOptions,
): Promise<void> {
  const { architecture, signal } = options;
  const action = `import ${reference}`;
  try {
    // An idle connection is closed by podman's service (net/http IdleTimeout), and a bootstrap thinks long before it writes.
    await untilReadable(rootfs, signal);
    if (kind === "podman") await importToPodman(docker, rootfs, reference, options);
    else await importToDocker(docker, rootfs, reference, options, action);
    await relabel(docker, reference, architecture);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw apiFailure(thrown, action, "image-import-failed");
  } finally {
    rootfs.destroy();
  }
}

/** Until there is something to be read, or the end is known. @throws the stream's error, also when it is closed by then. */
async function untilReadable(stream: Readable, signal: AbortSignal | undefined): Promise<void> {
  const settled = new AbortController();
  const either = signal === undefined ? settled.signal : AbortSignal.any([signal, settled.signal]);
  if (!stream.destroyed) {
    const events = ["readable", "close"].map((event) => once(stream, event, { signal: either }));
    await Promise.race(events).finally(() => settled.abort());
  }
  if (stream.destroyed) throw stream.errored ?? new Error("it was closed before its beginning");
}

async function importToDocker(
  docker: Docker,
  rootfs: Readable,
  reference: string,
  { changes, architecture, signal }: ImportOptions,
  action: string,
): Promise<void> {
  const query = { ...importQuery(reference, changes, platformOf(architecture)), ...aborted(signal) };
  const stream = readableOf(await docker.importImage(rootfs, query));
  await followProgress(stream, "image-import-failed", action);
}

/** By podman's own call, since its docker-like one leaves the whole tar behind (engines.md 21). */
async function importToPodman(
  docker: Docker,
  rootfs: Readable,
  reference: string,
  { changes, architecture, signal }: ImportOptions,
): Promise<void> {
  const answer = await new Promise<unknown>((resolve, reject) => {
    const request = {
      path: "/v4.0.0/libpod/images/import?",
      method: "POST",
      options: libpodImportQuery(reference, changes, architecture),
      file: rootfs,
      isStream: true,
      statusCodes: { 200: true },
      ...aborted(signal),
    };
    docker.modem.dial(request, (error: Error | null, stream: unknown) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
  // The image is there when the answer has ended.
  await text(readableOf(answer));
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
