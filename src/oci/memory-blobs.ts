import { Readable } from "node:stream";
import { type Digest, digestOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import type { BlobSource } from "./blob-source.ts";
import type { Descriptor } from "./image-spec.ts";

/** Small blobs and manifests in memory, such as signatures before they are pushed. */
export class MemoryBlobs implements BlobSource {
  private readonly contents = new Map<Digest, Uint8Array>();

  /** Takes bytes or text in; gives its descriptor. */
  add(mediaType: string, content: string | Uint8Array): Descriptor {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.contents.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  async openBlob({ digest }: Descriptor, from = 0): Promise<Readable> {
    return Readable.from([this.bytesOf(digest).subarray(from)], { objectMode: false });
  }

  async readManifest({ digest }: Descriptor): Promise<Uint8Array> {
    return this.bytesOf(digest);
  }

  private bytesOf(digest: Digest): Uint8Array {
    const bytes = this.contents.get(digest);
    if (bytes !== undefined) return bytes;
    throw new Failure("infrastructure", "blob-missing", `There is no ${digest} in memory`, {
      hint: "This is a fault in debkiln: please report it.",
    });
  }
}
