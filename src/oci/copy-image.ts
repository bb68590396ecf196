import { pipeline, type Readable, Transform } from "node:stream";
import { type Task, throwIfAborted } from "../base/event.ts";
import { interrupted } from "../base/failure.ts";
import { inParallel } from "../base/in-parallel.ts";
import { formatSize } from "../base/size.ts";
import type { BlobSink, BlobSource } from "./blob-source.ts";
import type { ImageGraph } from "./image-graph.ts";
import type { Descriptor } from "./image-spec.ts";

const parallel = 4;
/** How many times progress is told, however large an image is. */
const tellings = 200;

/** What copying an image moved. */
export interface Copied {
  /** Blobs that were sent, and their bytes. */
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that were there before, or came from beside. */
  readonly present: number;
}

/**
 * Copies an image from where it is to where it is not: blobs that are missing there, some at a time, then the manifests, and
 * what names others after them. A failure leaves blobs at most, and no manifest that lacks a part.
 * @throws what the source and the sink raise; the first failure ends the others.
 */
export async function copyImage(
  source: BlobSource,
  sink: BlobSink,
  { blobs, manifests }: ImageGraph,
  task: Task,
  signal: AbortSignal,
): Promise<Copied> {
  const missing = await absent(sink, blobs, signal);
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let told = 0;
  const counted = new CountingSource(source, (done) => {
    if (done < total && done - told < total / tellings) return;
    told = done;
    task.progress(done, total, "bytes");
  });
  await inParallel(missing, parallel, signal, async (blob) => {
    await sink.putBlob(blob, counted).catch((thrown: unknown) => {
      counted.stop();
      throw thrown;
    });
  });
  for (const { descriptor, bytes } of manifests) {
    throwIfAborted(signal);
    await sink.putManifest(descriptor, bytes);
  }
  const copied = { ...counted.read(), present: blobs.length - counted.read().blobs };
  task.summary = copiedText(copied);
  return copied;
}

function copiedText({ blobs, bytes, present }: Copied): string {
  const rest = present === 0 ? "" : `, ${present} there already`;
  return `${blobs} ${blobs === 1 ? "blob" : "blobs"}, ${formatSize(bytes)}${rest}`;
}

async function absent(
  sink: BlobSink,
  blobs: readonly Descriptor[],
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  const missing = new Set<Descriptor>();
  await inParallel(blobs, parallel, signal, async (blob) => {
    if (!(await sink.hasBlob(blob))) missing.add(blob);
  });
  return blobs.filter((blob) => missing.has(blob));
}

/** A source that can be stopped, and whose bytes are counted as they are read; what is read again counts once. */
class CountingSource implements BlobSource {
  private readonly source: BlobSource;
  private readonly arrived: (done: number) => void;
  private readonly furthest = new Map<string, number>();
  private readonly open = new Set<Readable>();
  private stopped = false;
  private done = 0;

  constructor(source: BlobSource, arrived: (done: number) => void) {
    this.source = source;
    this.arrived = arrived;
  }

  /** Breaks off all that is being read: it would be in vain. */
  stop(): void {
    this.stopped = true;
    for (const each of this.open) each.destroy(interrupted("the failure of another blob"));
  }

  /** What was read of all blobs. */
  read(): Pick<Copied, "blobs" | "bytes"> {
    return { blobs: this.furthest.size, bytes: this.done };
  }

  async openBlob(blob: Descriptor, from = 0): Promise<Readable> {
    if (this.stopped) throw interrupted("the failure of another blob");
    const stream = await this.source.openBlob(blob, from);
    let at = from;
    const counter = new Transform({
      transform: (chunk: Buffer, _, passOn) => {
        at += chunk.length;
        this.count(blob, at);
        passOn(null, chunk);
      },
    });
    this.open.add(counter);
    // The counter's reader sees every error of the stream.
    return pipeline(stream, counter, () => this.open.delete(counter));
  }

  async readManifest(manifest: Descriptor): Promise<Uint8Array> {
    return await this.source.readManifest(manifest);
  }

  private count({ digest }: Descriptor, at: number): void {
    const before = this.furthest.get(digest) ?? 0;
    if (at <= before) return;
    this.furthest.set(digest, at);
    this.done += at - before;
    this.arrived(this.done);
  }
}
