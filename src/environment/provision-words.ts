import { posix } from "node:path";
import { Failure } from "../base/failure.ts";
import { parseSize } from "../base/size.ts";
import type { BindMount, Tmpfs } from "../engine/engine.ts";
import { buildDirectory } from "./builder.ts";

/** `DIRECTORY[:PATH][:rw]`, the path inside being the same when it is not given. @throws Failure bad-provision (usage). */
export function parseBindMount(word: string): BindMount {
  const parts = word.split(":");
  const isWritable = parts.at(-1) === "rw";
  const [source = "", path = source, more] = isWritable || parts.at(-1) === "ro" ? parts.slice(0, -1) : parts;
  if (more !== undefined || !isPlain(source) || !isPlain(path))
    throw bad(
      `${JSON.stringify(word)} is no bind mount`,
      "Write DIRECTORY, DIRECTORY:PATH or DIRECTORY:PATH:rw, with absolute paths.",
    );
  requireFree(path, word);
  return { source, path, writable: isWritable };
}

/** `PATH[:SIZE]`. @throws Failure bad-provision (usage). */
export function parseTmpfs(word: string): Tmpfs {
  const [path = "", size, more] = word.split(":");
  if (more !== undefined || !isPlain(path))
    throw bad(`${JSON.stringify(word)} is no tmpfs`, "Write PATH or PATH:SIZE, such as /build:8G.");
  if (!volumes.includes(path)) requireFree(path, word);
  const sizeBytes = size === undefined ? null : parseSize(size);
  if (sizeBytes !== null && sizeBytes < 1)
    throw bad(`A tmpfs of no size at ${path}`, "Write PATH or PATH:SIZE, such as /build:8G.");
  return { path, sizeBytes };
}

/** A device's path. @throws Failure bad-provision (usage). */
export function parseDevice(word: string): string {
  if (isPlain(word) && word.startsWith("/dev/")) return word;
  throw bad(`${JSON.stringify(word)} is no device`, "Write its path, such as /dev/fuse.");
}

/** Where a file is laid. @throws Failure bad-provision (usage). */
export function parseFilePath(word: string): string {
  const inside = ["/proc", "/sys", "/dev", "/var/lib/dpkg"];
  if (isPlain(word) && word !== "/" && !inside.some((each) => word === each || word.startsWith(`${each}/`)))
    return word;
  throw bad(
    `No file can be laid at ${JSON.stringify(word)}`,
    `Write an absolute path that is not in ${inside.join(", ")}.`,
  );
}

/** Refuses a list in which two things have the same place. @throws Failure bad-provision (usage). */
export function requireDistinct(paths: readonly string[]): void {
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined) throw bad(`Two mounts are for ${twice}`, "Leave one out.");
}

/** The directories that a build has volumes at in any case. */
const volumes: readonly string[] = ["/build", "/tmp", "/var/tmp", "/run/lock"];

/** What an environment is, or the engine gives: nothing may lie over it. */
const kept: readonly string[] = [
  ..."/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /proc /sbin /sys /usr /var/lib/dpkg".split(" "),
  buildDirectory,
];

function requireFree(path: string, word: string): void {
  const over = [...kept, ...volumes].find(
    (each) => path === "/" || path === each || each.startsWith(`${path}/`),
  );
  const inside = kept.find((each) => path.startsWith(`${each}/`));
  const place = over ?? inside;
  if (place === undefined) return;
  throw bad(
    `${word}: nothing can be mounted at ${path}`,
    `${place} is the environment's own. Choose another path, such as /mnt/data; single files can be laid anywhere with the setting files.`,
  );
}

/** An absolute path in its shortest form, without what engines read as more than a path. */
function isPlain(path: string): boolean {
  return (
    /^\/[^:,="'\\\p{Cc}]*$/u.test(path) &&
    posix.normalize(path) === path &&
    (path === "/" || !path.endsWith("/"))
  );
}

function bad(message: string, hint: string): Failure {
  return new Failure("usage", "bad-provision", message, { hint });
}
