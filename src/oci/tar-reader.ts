import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { z } from "zod";
import { Failure } from "../base/failure.ts";
import { malformedTar } from "./tar-malformed.ts";

/** What a tar says of one member. `pax` holds its PAX records as they stand, vendor records included. */
export interface TarHeader {
  /** As written: not checked for `..`, leading slashes or anything else. */
  readonly path: string;
  readonly type:
    | "file"
    | "directory"
    | "symlink"
    | "link"
    | "character-device"
    | "block-device"
    | "fifo"
    /** Every other type flag: sparse files, volume labels, vendors' own. */
    | "other";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  readonly linkTarget: string | null;
  readonly pax: Readonly<Record<string, string>>;
}

export interface TarMember {
  readonly header: TarHeader;
  /** The bytes, once. What is left unread is skipped when the next member is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The members of a tar, one at a time, as the stream gives them; memory stays flat. Leaving the loop early destroys
 * the stream. @throws Failure tar-malformed (infrastructure) for bytes that are no tar or end early; a Failure of
 * the stream itself is thrown as it is.
 */
export async function* readTar(stream: Readable): AsyncGenerator<TarMember, void, undefined> {
  const reader = extract();
  const onError = (error: Error) => reader.destroy(error);
  const onClose = () => {
    if (!stream.readableEnded)
      reader.destroy(stream.errored ?? new Error("the stream was closed before its end"));
  };
  stream.on("error", onError).on("close", onClose);
  // One that is closed by now says so no more.
  if (stream.destroyed) onClose();
  stream.pipe(reader);
  try {
    for await (const entry of reader) {
      const chunks = entry[Symbol.asyncIterator]();
      yield { header: headerOf(entry.header), content: rest(chunks) };
      while ((await chunks.next()).done !== true);
    }
  } catch (thrown) {
    throw malformed(thrown);
  } finally {
    stream.destroy();
  }
}

/** Unlike the stream itself, leaving a loop over this early does not destroy the whole tar. */
function rest(chunks: AsyncIterator<unknown>): AsyncIterable<Uint8Array> {
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const { value, done } = await chunks.next();
      return value instanceof Uint8Array && done !== true ? { value } : { value: undefined, done: true };
    } catch (thrown) {
      throw malformed(thrown);
    }
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

function malformed(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return malformedTar(thrown instanceof Error ? thrown.message : String(thrown), thrown);
}

const PaxRecords = z.record(z.string(), z.string());

/**
 * tar-stream reads PAX names and sizes but leaves owners and times in the records; its type is null for flags that
 * it does not know, and its link name null without one.
 */
function headerOf(header: Header): TarHeader {
  const pax = PaxRecords.parse(header.pax ?? {});
  return {
    path: header.name,
    type: knownTypes.find((type) => type === header.type) ?? "other",
    mode: header.mode,
    uid: wholeNumber(pax["uid"]) ?? header.uid,
    gid: wholeNumber(pax["gid"]) ?? header.gid,
    uname: pax["uname"] ?? header.uname,
    gname: pax["gname"] ?? header.gname,
    mtime: decimal(pax["mtime"]) ?? header.mtime.getTime() / 1000,
    size: header.size,
    linkTarget: header.linkname,
    pax,
  };
}

const knownTypes = [
  "file",
  "directory",
  "symlink",
  "link",
  "character-device",
  "block-device",
  "fifo",
] as const satisfies TarHeader["type"][];

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function decimal(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,15}(\.\d{0,15})?$/.test(text) ? Number(text) : null;
}
