import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { Digester } from "../base/digester.ts";
import { digestOf, hexOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { makeDirectory } from "../base/make-directory.ts";
import { isMissing, nullIfMissing } from "../base/system-error.ts";
import { parseJson } from "../base/parse-json.ts";
import {
  type BlobSink,
  type BlobSource,
  blobMissing,
  largestManifestBytes,
  wrongDigest,
} from "./blob-source.ts";
import { type Descriptor, ImageIndex, mediaTypes } from "./image-spec.ts";

/** The annotation that names a manifest of a layout (annotations.md). */
export const referenceName = "org.opencontainers.image.ref.name";

const LayoutMark = z.looseObject({ imageLayoutVersion: z.literal("1.0.0") });

/**
 * Images in a directory, as the OCI's image-layout.md has it. Files appear by rename, so that others may read it meanwhile
 * and whoever writes may be killed. What is read is checked against its digest.
 */
export class Layout implements BlobSource, BlobSink {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The manifests and indices that the layout is about. @throws Failure bad-layout (usage). */
  async index(): Promise<ImageIndex> {
    const path = join(this.directory, "index.json");
    return checkedJson(ImageIndex, await this.small(path), path);
  }

  async openBlob(blob: Descriptor, from = 0): Promise<Readable> {
    const path = this.blobPath(blob);
    const status = await stat(path).catch(nullIfMissing);
    if (status === null || !status.isFile()) throw blobMissing(this.directory, blob);
    if (status.size !== blob.size) throw wrongDigest(path, blob);
    return from === 0
      ? Readable.from(checkedBytes(path, blob), { objectMode: false })
      : createReadStream(path, { start: from });
  }

  async readManifest(manifest: Descriptor): Promise<Uint8Array> {
    const path = this.blobPath(manifest);
    const bytes = await this.small(path).catch((thrown: unknown) => {
      if (isMissing(thrown)) throw blobMissing(this.directory, manifest);
      throw thrown;
    });
    if (digestOf(bytes) !== manifest.digest) throw wrongDigest(path, manifest);
    return bytes;
  }

  /** Whether a blob of its size is there. */
  async hasBlob(blob: Descriptor): Promise<boolean> {
    const status = await stat(this.blobPath(blob)).catch(nullIfMissing);
    return status !== null && status.isFile() && status.size === blob.size;
  }

  async putBlob(blob: Descriptor, source: BlobSource): Promise<void> {
    if (await this.hasBlob(blob)) return;
    const content = await source.openBlob(blob);
    await this.appear(this.blobPath(blob), async (partial) => {
      const digester = new Digester();
      await pipeline(
        content,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            digester.update(chunk);
            if (digester.sizeBytes > blob.size) throw wrongDigest(`The blob ${blob.digest}`, blob);
            yield chunk;
          }
        },
        createWriteStream(partial, { flags: "wx" }),
      );
      if (digester.sizeBytes !== blob.size || digester.digest !== blob.digest)
        throw wrongDigest(`The blob ${blob.digest}`, blob);
    });
  }

  async putManifest(manifest: Descriptor, bytes: Uint8Array): Promise<void> {
    if (digestOf(bytes) !== manifest.digest) throw wrongDigest(`The manifest ${manifest.digest}`, manifest);
    await this.appear(this.blobPath(manifest), (partial) => writeFile(partial, bytes, { flag: "wx" }));
  }

  /**
   * Makes the layout's index name a manifest whose parts are all there, in place of what had that name before. With null
   * it is the layout's only one, without a name. Gives what had the name, if that is not the same manifest.
   */
  async putReference(name: string | null, manifest: Descriptor): Promise<readonly Descriptor[]> {
    const { manifests } = await this.index();
    const { [referenceName]: _, ...rest } = manifest.annotations ?? {};
    const annotations = name === null ? rest : { ...rest, [referenceName]: name };
    const entry = { ...manifest, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
    const others =
      name === null ? [] : manifests.filter((each) => each.annotations?.[referenceName] !== name);
    await this.writeJson("index.json", {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [...others, entry],
    });
    return manifests.filter(
      (each) =>
        (each.annotations?.[referenceName] ?? null) === name &&
        [...others, entry].every(({ digest }) => digest !== each.digest),
    );
  }

  /** Removes a blob, if it is there. */
  async removeBlob(blob: Pick<Descriptor, "digest">): Promise<void> {
    await rm(this.blobPath(blob), { force: true });
  }

  /** Makes an empty layout of the directory, unless it is one. @throws Failure bad-layout when it holds something else. */
  async prepare(): Promise<void> {
    await makeDirectory(join(this.directory, "blobs", "sha256"));
    if ((await stat(join(this.directory, "index.json")).catch(nullIfMissing)) === null) {
      await this.writeJson("index.json", { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] });
    }
    await this.writeJson("oci-layout", { imageLayoutVersion: "1.0.0" });
  }

  private blobPath({ digest }: Pick<Descriptor, "digest">): string {
    return join(this.directory, "blobs", "sha256", hexOf(digest));
  }

  private async writeJson(name: string, value: unknown): Promise<void> {
    await this.appear(join(this.directory, name), (partial) =>
      writeFile(partial, JSON.stringify(value), { flag: "wx" }),
    );
  }

  private async appear(path: string, write: (partial: string) => Promise<void>): Promise<void> {
    const partial = join(this.directory, `.partial-${process.pid}-${randomBytes(6).toString("hex")}`);
    try {
      await write(partial);
      await rename(partial, path);
    } catch (thrown) {
      await rm(partial, { force: true });
      throw thrown;
    }
  }

  /** A file that is read into memory as a whole. */
  private async small(path: string): Promise<Buffer> {
    await using handle = await open(path);
    const { size } = await handle.stat();
    if (size > largestManifestBytes) throw badLayout(`${path} is larger than a manifest may be`);
    return await handle.readFile();
  }
}

/** A layout to read from. @throws Failure bad-layout (usage). */
export async function openLayout(directory: string): Promise<Layout> {
  const path = join(directory, "oci-layout");
  const mark = await readFile(path).catch((thrown: unknown) => {
    if (isMissing(thrown))
      throw badLayout(`${directory} is no OCI image layout: it has no file "oci-layout"`);
    throw thrown;
  });
  checkedJson(LayoutMark, mark, path);
  return new Layout(directory);
}

/**
 * A layout to write to, made where there is none. What it holds already stays.
 * @throws Failure bad-layout (usage) for a directory that holds something else.
 */
export async function createLayout(directory: string): Promise<Layout> {
  const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
  if (names.includes("oci-layout")) return await openLayout(directory);
  if (names.some((name) => !["blobs", "index.json"].includes(name) && !name.startsWith(".partial-"))) {
    throw badLayout(`${directory} holds something else than an OCI image layout`);
  }
  const layout = new Layout(directory);
  await layout.prepare();
  return layout;
}

function checkedJson<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
  const parsed = schema.safeParse(parseJson(bytes));
  if (!parsed.success)
    throw badLayout(`${path} is not what the OCI's image-spec says: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function* checkedBytes(path: string, blob: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = new Digester();
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 256 * 1024 });
  yield* digester.through(chunks);
  if (digester.digest !== blob.digest) throw wrongDigest(path, blob);
}

function badLayout(message: string): Failure {
  return new Failure("usage", "bad-layout", message, {
    hint: "Name a directory that `debkiln image build` or `skopeo copy ... oci:DIRECTORY` wrote, or an empty one to write to.",
  });
}
