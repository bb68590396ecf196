import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { digestOf } from "../../../src/base/digest.ts";
import { Task } from "../../../src/base/event.ts";
import { copyImage } from "../../../src/oci/copy-image.ts";
import { readGraph } from "../../../src/oci/image-graph.ts";
import { type Descriptor, mediaTypes } from "../../../src/oci/image-spec.ts";
import { createLayout } from "../../../src/oci/layout.ts";
import { MemoryBlobs } from "../../../src/oci/memory-blobs.ts";
import { packTar } from "../../../src/oci/tar.ts";

/**
 * Writes a layout with an image for amd64 and arm64 that has busybox (of this machine's architecture in both) in a layer
 * compressed by gzip, and a file that tells the architecture in another.
 */
export async function writeSmallImage(
  directory: string,
  compression: "gzip" | "zstd" = "zstd",
): Promise<Descriptor> {
  const source = new MemoryBlobs();
  const busybox = await readFile("/bin/busybox").catch(() => readFile("/usr/bin/busybox"));
  const program = await layer(source, "bin/busybox", busybox, "gzip");
  const images: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const note = await layer(source, "architecture", Buffer.from(architecture), compression);
    images.push(image(source, architecture, [program, note]));
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: images };
  const root = source.add(mediaTypes.index, JSON.stringify(index));
  const layout = await createLayout(directory);
  const { signal } = new AbortController();
  await copyImage(source, layout, await readGraph(source, root), new Task(() => {}, []), signal);
  await layout.putReference(null, root);
  return root;
}

interface Layer {
  readonly blob: Descriptor;
  readonly diffId: string;
}

async function layer(
  source: MemoryBlobs,
  path: string,
  bytes: Buffer,
  compression: "gzip" | "zstd",
): Promise<Layer> {
  const owner = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  const parts = path.split("/").slice(0, -1);
  const directories = parts.map((_, at) => ({
    ...owner,
    type: "directory" as const,
    path: parts.slice(0, at + 1).join("/"),
  }));
  const file = { ...owner, type: "file" as const, path, size: bytes.length, content: () => bytes };
  const tar = await buffer(packTar([...directories, file]));
  const blob =
    compression === "gzip"
      ? source.add(mediaTypes.layerGzip, gzipSync(tar))
      : source.add(mediaTypes.layerZstd, zstdCompressSync(tar));
  return { blob, diffId: digestOf(tar) };
}

function image(source: MemoryBlobs, architecture: string, layers: readonly Layer[]): Descriptor {
  const config = source.add(
    mediaTypes.config,
    JSON.stringify({
      architecture,
      os: "linux",
      config: { Cmd: ["/bin/busybox", "cat", "/architecture"] },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: layers.map(({ blob }) => blob),
  };
  const descriptor = source.add(mediaTypes.manifest, JSON.stringify(manifest));
  return { ...descriptor, platform: { os: "linux", architecture } };
}
