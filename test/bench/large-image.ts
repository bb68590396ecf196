// Makes an image of a root filesystem of 3 GB, of which nothing is compressible, in the given directory. For largeImage().
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Task } from "../../src/base/event.ts";
import { writeImage } from "../../src/image/layers/write-image.ts";
import { saveImage } from "../../src/image/save.ts";
import { treeOfTar } from "../../src/image/tree/read-tar.ts";
import { type TarEntry, packTar } from "../../src/oci/tar.ts";
import { Store } from "../../src/store/store.ts";

const packages = 400;
const filesEach = 150;
const largestFile = 100_000;

const [, , directory = "."] = process.argv;
const pool = randomBytes(8 << 20);
const task = new Task(() => {}, []);
const { signal } = new AbortController();

const tree = await treeOfTar(packTar(root()), join(directory, "root.tar"));
const image = await writeImage(
  {
    tree,
    config: { architecture: "amd64", os: "linux" },
    annotations: {},
    budget: 96,
    compression: "zstd",
    previous: null,
  },
  { store: new Store(join(directory, "store")), signal },
  task,
);
const place = { kind: "layout", directory: join(directory, "image"), name: null } as const;
await saveImage({ source: image.source, image: image.descriptor }, place, task, signal);

function* root(): Generator<TarEntry> {
  yield entryOfDirectory(".");
  for (const path of ["usr", "usr/share", "usr/lib", "usr/lib/sysimage"]) yield entryOfDirectory(path);
  for (const path of ["dpkg", "dpkg/info"]) yield entryOfDirectory(`usr/lib/sysimage/${path}`);
  const names = Array.from({ length: packages }, (_, at) => `package${at}`);
  for (const [at, name] of names.entries()) {
    yield entryOfDirectory(`usr/share/${name}`);
    const paths = Array.from(
      { length: filesEach },
      (_, file) => `usr/share/${name}/file-with-a-name-${file}`,
    );
    for (const [file, path] of paths.entries()) yield entryOfFile(path, piece(at * filesEach + file));
    const list = ["/.", ...paths.map((path) => `/${path}`), ""].join("\n");
    yield entryOfFile(`usr/lib/sysimage/dpkg/info/${name}.list`, Buffer.from(list));
  }
  const status = names
    .map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\n`)
    .join("\n");
  yield entryOfFile("usr/lib/sysimage/dpkg/status", Buffer.from(status));
}

function piece(at: number): Buffer {
  const size = (at * 7919) % largestFile;
  const begin = (at * 4099) % (pool.length - largestFile);
  return pool.subarray(begin, begin + size);
}

function entryOfDirectory(path: string): TarEntry {
  return { type: "directory", path: `./${path}/`, mode: 0o755, uid: 0, gid: 0, mtime: 1_700_000_000 };
}

function entryOfFile(path: string, bytes: Buffer): TarEntry {
  const common = { path: `./${path}`, mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 };
  return { ...common, type: "file", size: bytes.length, content: () => bytes };
}
