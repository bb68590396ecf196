import { Readable } from "node:stream";
import { asError } from "../base/as-error.ts";
import { Failure } from "../base/failure.ts";
import { endOfTar, headerBlocks, padding } from "./tar-blocks.ts";

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
  const stop = new AbortController();
  const chunks = packed(entries, stop.signal);
  const output: Readable = new Readable({
    read: () => {
      chunks.next().then(
        ({ value, done }) => output.push(done === true ? null : value),
        (thrown: unknown) => output.destroy(asError(thrown)),
      );
    },
    destroy: (error, done) => {
      stop.abort();
      done(error);
    },
  });
  return output;
}

async function* packed(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of entries) {
    if (signal.aborted) return;
    yield header(entry);
    if (entry.type !== "file") continue;
    yield* exactly(entry, await entry.content(), signal);
    if (entry.size % 512 > 0) yield padding(entry.size);
  }
  yield endOfTar();
}

/** As many bytes as the entry said. */
async function* exactly(
  entry: TarEntry & { type: "file" },
  content: Content,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : closedBy(signal, content)) {
    written += chunk.byteLength;
    if (written > entry.size) throw fileChanged(entry, "more");
    if (chunk.byteLength > 0) yield chunk;
  }
  if (written < entry.size) throw fileChanged(entry, "fewer");
}

/** A content that is closed when the signal is given, even while nothing comes of it, and at its end in any case. */
async function* closedBy(
  signal: AbortSignal,
  content: Readable | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = content instanceof Readable ? content : Readable.from(content, { objectMode: false });
  const stop = () => source.destroy();
  // The loop below sees every error of the source; without a listener one that comes sooner would end the process.
  source.on("error", () => undefined);
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return;
    for await (const chunk of source) {
      const bytes: Uint8Array = chunk;
      yield bytes;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
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

function header(entry: TarEntry): Buffer {
  return headerBlocks({
    ...entry,
    sizeBytes: entry.type === "file" ? entry.size : 0,
    linkTarget: "linkTarget" in entry ? entry.linkTarget : "",
    xattrs: {},
  });
}
