import { Readable } from "node:stream";
import { Digester } from "../../base/digester.ts";
import { Failure } from "../../base/failure.ts";
import { type BlobSource, wrongDigest } from "../blob-source.ts";
import type { Descriptor } from "../image-spec.ts";
import type { Uploads } from "./upload-session.ts";
import { type Session } from "./upload-session.ts";
import { mayPass, pauseBeforeRetry } from "./retry.ts";

/** Above this a blob is sent in chunks, so that a connection that breaks off costs little. */
const largestWholeBytes = 16 * 1024 * 1024;
/** Proxies limit what a request may hold, and each chunk costs a round trip. */
export const chunkBytes = 64 * 1024 * 1024;
/** As much as must have gone since a connection broke off for its attempts to be counted anew. */
const progressBytes = 1024 * 1024;

/**
 * Brings a blob into the registry: in one request, or in chunks that are taken up where they broke off. A registry or a
 * proxy that does not take it one way gets it the other.
 * @throws Failure wrong-digest and those of the connection (infrastructure); nothing of the blob is visible then.
 */
export async function uploadBlob(
  uploads: Uploads,
  session: Session,
  blob: Descriptor,
  source: BlobSource,
): Promise<void> {
  const [first, second] =
    blob.size <= largestWholeBytes ? [uploadWhole, uploadChunks] : [uploadChunks, uploadWhole];
  try {
    await first(uploads, session, blob, source);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || mayPass(thrown)) throw thrown;
    if (refusesDigest(thrown)) await checkSource(blob, source);
    else if (!refusesWay(thrown)) throw thrown;
    await second(uploads, await uploads.begin(), blob, source);
  }
}

type Way = (uploads: Uploads, session: Session, blob: Descriptor, source: BlobSource) => Promise<void>;

const uploadWhole: Way = async (uploads, first, blob, source) => {
  let session = first;
  for (let attempt = 1; ; attempt++) {
    try {
      await uploads.finish(session, blob, () => stretchOf(source, blob, 0, blob.size));
      return;
    } catch (thrown) {
      await pauseBeforeRetry(thrown, attempt, uploads.patience);
      session = await uploads.begin();
    }
  }
};

const uploadChunks: Way = async (uploads, first, blob, source) => {
  let session = first;
  for (let attempt = 1; ; attempt++) {
    const begin = session.offset;
    try {
      while (session.offset < blob.size) session = await sendChunk(uploads, session, blob, source);
      await uploads.finish(session, blob);
      return;
    } catch (thrown) {
      await pauseBeforeRetry(thrown, attempt, uploads.patience);
      session = (await uploads.state(session, blob)) ?? (await uploads.begin());
      if (session.offset - begin >= progressBytes) attempt = 0;
    }
  }
};

async function sendChunk(
  uploads: Uploads,
  session: Session,
  blob: Descriptor,
  source: BlobSource,
): Promise<Session> {
  const from = session.offset;
  const end = Math.min(from + Math.max(chunkBytes, session.leastBytes), blob.size);
  const next = await uploads.send(session, from, end, () => stretchOf(source, blob, from, end));
  if (next.offset > from) return next;
  throw new Failure(
    "infrastructure",
    "registry-failed",
    `${uploads.registry} took nothing of ${blob.digest}`,
    {
      hint: "The registry has a fault; try again later.",
      details: { mayPass: true },
    },
  );
}

/**
 * A blob's bytes from one offset to another. A source that has fewer breaks off, for what is sent must have the length
 * that was announced; one that has more is cut.
 */
async function stretchOf(source: BlobSource, blob: Descriptor, from: number, end: number): Promise<Readable> {
  const stream = await source.openBlob(blob, from);
  return Readable.from(exactly(stream, end - from, blob), { objectMode: false });
}

async function* exactly(stream: Readable, bytes: number, blob: Descriptor): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const each of stream) {
    const chunk: Uint8Array = each;
    yield chunk.length <= left ? chunk : chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) break;
  }
  if (left > 0) throw wrongDigest(`The blob ${blob.digest}`, blob);
}

/** Whether a request is refused for its form, and not for what it is about. */
function refusesWay({ details }: Failure): boolean {
  return [400, 405, 411, 413, 415, 416, 501].includes(Number(details["status"]));
}

function refusesDigest({ details }: Failure): boolean {
  return Array.isArray(details["codes"]) && details["codes"].includes("DIGEST_INVALID");
}

/** Tells a damaged source from a registry that put a resumed upload together wrongly. @throws Failure wrong-digest. */
async function checkSource(blob: Descriptor, source: BlobSource): Promise<void> {
  const digester = new Digester();
  for await (const chunk of await source.openBlob(blob)) digester.update(chunk);
  if (digester.digest !== blob.digest) throw wrongDigest(`The blob ${blob.digest}`, blob);
}
