import { Readable } from "node:stream";
import { type Digest, digestOf } from "../../../../src/base/digest.ts";
import type { BlobSink, BlobSource } from "../../../../src/oci/blob-source.ts";
import { type Descriptor, mediaTypes } from "../../../../src/oci/image-spec.ts";
import { credentialFinder } from "../../../../src/oci/registry/auth-files.ts";
import type { RegistryAccess } from "../../../../src/oci/registry/connection.ts";

/** Blobs and manifests in memory. Notes from which offsets blobs were opened. */
export class Memory implements BlobSource, BlobSink {
  readonly contents = new Map<Digest, Buffer>();
  readonly opened: number[] = [];

  add(mediaType: string, content: string | Uint8Array, fields: Partial<Descriptor> = {}): Descriptor {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    this.contents.set(digest, bytes);
    return { mediaType, digest, size: bytes.length, ...fields };
  }

  async openBlob({ digest }: Descriptor, from = 0): Promise<Readable> {
    this.opened.push(from);
    // In pieces, as files come.
    const bytes = this.bytesOf(digest).subarray(from);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
      bytes.subarray(at * 65_536, (at + 1) * 65_536),
    );
    return Readable.from(pieces, { objectMode: false });
  }

  async readManifest({ digest }: Descriptor): Promise<Uint8Array> {
    return this.bytesOf(digest);
  }

  async hasBlob({ digest }: Descriptor): Promise<boolean> {
    return this.contents.has(digest);
  }

  async putBlob(blob: Descriptor, source: BlobSource): Promise<void> {
    this.contents.set(blob.digest, Buffer.concat(await (await source.openBlob(blob)).toArray()));
  }

  async putManifest({ digest }: Descriptor, bytes: Uint8Array): Promise<void> {
    this.contents.set(digest, Buffer.from(bytes));
  }

  private bytesOf(digest: Digest): Buffer {
    const bytes = this.contents.get(digest);
    if (bytes === undefined) throw new Error(`no ${digest}`);
    return bytes;
  }
}

/** An image of one layer of so many bytes, which differ by the seed. */
export function addImage(memory: Memory, layerBytes = 1000, seed = "layer"): Descriptor {
  const layer = memory.add(mediaTypes.layer, Buffer.alloc(layerBytes, seed));
  const config = memory.add(mediaTypes.config, JSON.stringify({ architecture: "amd64", os: "linux", seed }));
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  return memory.add(mediaTypes.manifest, JSON.stringify(manifest));
}

/** An index of images. */
export function addIndex(memory: Memory, images: readonly Descriptor[]): Descriptor {
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: images };
  return memory.add(mediaTypes.index, JSON.stringify(index));
}

/** Access without logins, TLS or waiting; pauses are noted in milliseconds. */
export function plainAccess(
  fields: Partial<RegistryAccess> = {},
): RegistryAccess & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    proxies: {},
    credentials: credentialFinder({ environment: { HOME: "/nonexistent" } }),
    tls: "unverified",
    environment: { HOME: "/nonexistent" },
    signal: new AbortController().signal,
    pause: async (milliseconds) => void pauses.push(milliseconds),
    ...fields,
    pauses,
  };
}
