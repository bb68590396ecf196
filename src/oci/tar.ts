import { Readable } from "node:stream";
import { type Header, type Pack, pack } from "tar-stream";
import { Failure } from "../base/failure.ts";

/** Bytes of a file: at once, or as they come. */
export type Content = Uint8Array | Readable | AsyncIterable<Uint8Array>;

interface Common {
  /** Slash-separated, as it shall stand in the tar. */
  readonly path: string;
  /** Permission bits, with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname?: string;
  readonly gname?: string;
  /** Seconds since the epoch; fractions are kept. */
  readonly mtime: number;
}

/** One member of a tar to be written. `content` is called when its turn comes, and must give exactly `size` bytes. */
export type TarEntry = Common &
  (
    | { readonly type: "file"; readonly size: number; readonly content: () => Content | Promise<Content> }
    | { readonly type: "directory"; readonly size?: 0 }
    | { readonly type: "symlink" | "link"; readonly linkTarget: string; readonly size?: 0 }
  );

/**
 * A tar of the entries, made while it is read: memory stays flat and back-pressure reaches the contents' sources.
 * Owners, times, sizes and names that the ustar header cannot hold are in PAX records (POSIX.1-2017, pax), which
 * GNU tar, dpkg, podman and docker read. Destroying the stream closes whatever content is open.
 * Its error is a Failure: `file-changed` when a content has more or fewer bytes than its entry said.
 */
export function packTar(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): Readable {
  const tar = pack();
  const stop = new AbortController();
  const output = new Readable({
    read: () => {
      tar.resume();
    },
    destroy: (error, done) => {
      stop.abort();
      tar.destroy();
      done(error);
    },
  });
  tar.pause();
  tar.on("data", (chunk: unknown) => {
    if (!output.push(chunk)) tar.pause();
  });
  tar.on("end", () => output.push(null));
  tar.on("error", (error: Error) => output.destroy(error));
  feed(tar, entries, stop.signal).catch((thrown: unknown) =>
    output.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  return output;
}

async function feed(
  tar: Pack,
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  signal: AbortSignal,
): Promise<void> {
  for await (const entry of entries) {
    if (signal.aborted) return;
    await (entry.type === "file" ? addFile(tar, entry, signal) : addEmpty(tar, entry));
  }
  if (!signal.aborted) tar.finalize();
}

function addEmpty(tar: Pack, entry: TarEntry): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  tar.entry(header(entry), (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function addFile(tar: Pack, entry: TarEntry & { type: "file" }, signal: AbortSignal): Promise<void> {
  const content = await entry.content();
  if (content instanceof Uint8Array) return addBytes(tar, entry, content);
  const source = content instanceof Readable ? content : Readable.from(content, { objectMode: false });
  const stop = () => source.destroy();
  // The loop below sees every error of the source; without a listener one that comes sooner would end the process.
  source.on("error", () => undefined);
  signal.addEventListener("abort", stop);
  try {
    if (!signal.aborted) await copy(source, tar, entry);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function addBytes(tar: Pack, entry: TarEntry & { type: "file" }, bytes: Uint8Array): Promise<void> {
  if (bytes.length !== entry.size) throw fileChanged(entry, bytes.length > entry.size ? "more" : "fewer");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  tar.entry(header(entry), bytes, (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function copy(source: Readable, tar: Pack, entry: TarEntry & { type: "file" }): Promise<void> {
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  const sink = tar.entry(header(entry), (error) => (error ? reject(error) : resolve()));
  closed.catch(() => undefined);
  let written = 0;
  for await (const bytes of source) {
    const chunk: Uint8Array = bytes;
    written += chunk.byteLength;
    if (written > entry.size) throw fileChanged(entry, "more");
    if (!sink.write(chunk)) {
      const drained = new Promise<void>((resolve) => void sink.once("drain", resolve));
      await Promise.race([drained, closed]);
    }
  }
  if (written < entry.size) throw fileChanged(entry, "fewer");
  sink.end(null);
  await closed;
}

function fileChanged(entry: TarEntry & { type: "file" }, how: "more" | "fewer"): Failure {
  return new Failure(
    "usage",
    "file-changed",
    `${entry.path} changed while it was read: it had ${how} than the ${entry.size} bytes it began with`,
    {
      hint: "Start again when no other program writes to it.",
      details: { path: entry.path, size: entry.size },
    },
  );
}

type PackedHeader = Partial<Header> & Pick<Header, "name">;

/**
 * tar-stream cuts owners to six octal digits and times to 31 bits, and takes mode 0 for "not given": what does not
 * fit goes to PAX, and the file type's bits keep the mode from being 0.
 */
function header(entry: TarEntry): PackedHeader {
  const pax: Record<string, string> = {};
  if (entry.uid > largestOwner) pax["uid"] = String(entry.uid);
  if (entry.gid > largestOwner) pax["gid"] = String(entry.gid);
  const mtime = Math.min(Math.max(Math.floor(entry.mtime), 0), largestTime);
  if (mtime !== entry.mtime) pax["mtime"] = String(entry.mtime);
  return {
    name: entry.path,
    type: entry.type,
    mode: entry.mode | 0o100000,
    uid: Math.min(entry.uid, largestOwner),
    gid: Math.min(entry.gid, largestOwner),
    ...(entry.uname === undefined ? {} : { uname: entry.uname }),
    ...(entry.gname === undefined ? {} : { gname: entry.gname }),
    mtime: new Date(mtime * 1000),
    size: entry.type === "file" ? entry.size : 0,
    ...("linkTarget" in entry ? { linkname: entry.linkTarget } : {}),
    ...(Object.keys(pax).length === 0 ? {} : { pax }),
  };
}

const largestOwner = 0o777777;
const largestTime = 2 ** 31 - 1;
