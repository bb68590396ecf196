import { Readable } from "node:stream";
import { type Digest, digestOf, isDigest } from "../../base/digest.ts";
import { type BlobSink, type BlobSource, largestManifestBytes, wrongDigest } from "../blob-source.ts";
import { dockerMediaTypes, type Descriptor, mediaTypes } from "../image-spec.ts";
import { formatReference, type Reference } from "../reference.ts";
import { answerDigest, requireDigest } from "./answer-digest.ts";
import { Connection, type RegistryAccess } from "./connection.ts";
import { downloadBlob } from "./download-blob.ts";
import { type Answer, readAll } from "./exchange.ts";
import { patiently } from "./retry.ts";
import { uploadBlob } from "./upload-blob.ts";
import { type Session, Uploads } from "./upload-session.ts";

export interface RepositoryOptions {
  readonly access: RegistryAccess;
  readonly rights: "pull" | "push";
  /** Other repositories of the same registry that may have the same blobs. */
  readonly mountFrom?: readonly string[];
}

/** A manifest or index with its bytes. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** One repository of a registry, by the distribution-spec 1.1. */
export class Repository implements BlobSource, BlobSink {
  readonly registry: string;
  readonly name: string;
  readonly connection: Connection;
  private readonly uploads: Uploads;
  private readonly mountFrom: readonly string[];

  constructor(
    { registry, repository }: Pick<Reference, "registry" | "repository">,
    options: RepositoryOptions,
  ) {
    const { access, rights, mountFrom = [] } = options;
    this.registry = registry;
    this.name = repository;
    this.mountFrom = mountFrom.filter((each) => each !== repository);
    const scopes = [
      `repository:${repository}:${rights === "push" ? "pull,push" : "pull"}`,
      ...this.mountFrom.map((each) => `repository:${each}:pull`),
    ];
    this.connection = new Connection(registry, repository, scopes, access);
    this.uploads = new Uploads(this.connection, repository, `push to ${registry}/${repository}`);
  }

  /** The digest that a tag or digest leads to, or null when there is none. */
  async findDigest(name: string): Promise<Digest | null> {
    const answer = await this.connection.ask({
      method: "HEAD",
      url: this.manifestPath(name),
      headers: { accept },
      action: `look for ${this.nameOf(name)}`,
      expect: [200, 404],
    });
    answer.body.destroy();
    if (answer.status === 404) return null;
    return answerDigest(answer) ?? (await this.findManifest(name))?.descriptor.digest ?? null;
  }

  /** What a tag or digest leads to, or null when there is nothing. @throws Failure wrong-digest (infrastructure). */
  async findManifest(name: string): Promise<FetchedManifest | null> {
    return await patiently(this.connection.patience, async () => {
      const answer = await this.askForManifest(name, [200, 404]);
      if (answer.status === 200) return await this.readFetched(answer, name);
      answer.body.destroy();
      return null;
    });
  }

  async readManifest({ digest }: Descriptor): Promise<Uint8Array> {
    return await patiently(this.connection.patience, async () => {
      const answer = await this.askForManifest(digest, [200]);
      return (await this.readFetched(answer, digest)).bytes;
    });
  }

  async openBlob(blob: Descriptor, from = 0): Promise<Readable> {
    const action = `pull ${this.nameOf(blob.digest)}`;
    const bytes = downloadBlob(this.connection, this.blobPath(blob), blob, from, action);
    return Readable.from(bytes, { objectMode: false });
  }

  async hasBlob(blob: Descriptor): Promise<boolean> {
    const answer = await this.connection.ask({
      method: "HEAD",
      url: this.blobPath(blob),
      action: `look for ${this.nameOf(blob.digest)}`,
      expect: [200, 404],
    });
    answer.body.destroy();
    // What answers anything at all with a page of its own has no blob of that size.
    const length = answer.headers["content-length"];
    return answer.status === 200 && (length === undefined || Number(length) === blob.size);
  }

  /** Mounts the blob from another repository where that has it, else uploads it. */
  async putBlob(blob: Descriptor, source: BlobSource): Promise<void> {
    const session = await this.mount(blob);
    if (session !== "mounted") await uploadBlob(this.uploads, session, blob, source);
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array): Promise<void> {
    await this.putManifestAs(manifest.digest, manifest, bytes);
  }

  /** Makes a tag lead to a manifest whose parts are all there. */
  async putTag(tag: string, manifest: Descriptor, bytes: Uint8Array): Promise<void> {
    await this.putManifestAs(tag, manifest, bytes);
  }

  /** The whole reference of a tag or digest here. */
  nameOf(name: string): string {
    const [tag, digest] = isDigest(name) ? [null, name] : [name, null];
    return formatReference({ registry: this.registry, repository: this.name, tag, digest });
  }

  private async putManifestAs(name: string, manifest: Descriptor, bytes: Uint8Array): Promise<void> {
    const answer = await this.connection.ask({
      method: "PUT",
      url: this.manifestPath(name),
      headers: { "content-type": manifest.mediaType },
      body: bytes,
      action: `push ${this.nameOf(name)}`,
      expect: [201, 202, 204],
    });
    answer.body.destroy();
    requireDigest(answer, manifest.digest, this.registry);
  }

  private async mount(blob: Descriptor): Promise<Session | "mounted"> {
    let open: Session | null = null;
    for (const from of this.mountFrom) {
      const answer = await this.uploads.mount(blob, from);
      if (answer === "mounted") {
        if (open !== null) await this.uploads.cancel(open);
        return "mounted";
      }
      if (answer === "refused") continue;
      if (open !== null) await this.uploads.cancel(open);
      open = answer;
    }
    return open ?? (await this.uploads.begin());
  }

  private async askForManifest(name: string, expect: readonly number[]): Promise<Answer> {
    return await this.connection.ask({
      method: "GET",
      url: this.manifestPath(name),
      headers: { accept },
      action: `pull ${this.nameOf(name)}`,
      expect,
      tries: "one",
    });
  }

  private async readFetched(answer: Answer, name: string): Promise<FetchedManifest> {
    const bytes = await readAll(answer, largestManifestBytes, `pull ${this.nameOf(name)}`);
    const digest = digestOf(bytes);
    const mediaType = answer.headers["content-type"]?.replace(/;.*/s, "").trim() ?? "";
    const descriptor = { mediaType, digest, size: bytes.length };
    if (isDigest(name) && name !== digest) {
      throw wrongDigest(this.nameOf(name), { digest: name, size: bytes.length });
    }
    requireDigest(answer, digest, this.registry);
    return { descriptor, bytes };
  }

  private manifestPath(name: string): string {
    return `/v2/${this.name}/manifests/${name}`;
  }

  private blobPath({ digest }: Descriptor): string {
    return `/v2/${this.name}/blobs/${digest}`;
  }
}

const accept = [mediaTypes.index, mediaTypes.manifest, dockerMediaTypes.list, dockerMediaTypes.manifest].join(
  ", ",
);
