import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { z } from "zod";
import { type Digest, DigestText, digestOf } from "../base/digest.ts";
import { Failure } from "../base/failure.ts";
import { errorCode, nullIfMissing } from "../base/system-error.ts";
import type { BindMount, Container, Tmpfs } from "../engine/engine.ts";
import { parseEndpoint } from "../engine/endpoint.ts";
import { type TarEntry, packTar } from "../oci/tar.ts";
import { rootFile } from "../oci/root-file.ts";
import { buildDirectory, builder } from "./builder.ts";
import type { Kiln } from "./kiln.ts";

/** A file that is laid in a container. */
export interface ProvidedFile {
  /** Absolute, inside. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

/**
 * What the container of a build, or of work by hand, has beside its environment, because its user said so. None of it comes into the environment's
 * image, which others share: packages are installed without it.
 */
export interface Provisions {
  readonly hostname?: string | undefined;
  readonly mounts: readonly BindMount[];
  readonly tmpfs: readonly Tmpfs[];
  readonly devices: readonly string[];
  readonly files: readonly ProvidedFile[];
}

/** What is written down of provisions: all of it, files by their digests. */
export const ProvisionsRecord = z
  .strictObject({
    hostname: z.string().optional(),
    mounts: z
      .array(z.strictObject({ source: z.string(), path: z.string(), writable: z.boolean() }).readonly())
      .readonly(),
    tmpfs: z
      .array(z.strictObject({ path: z.string(), sizeBytes: z.int().positive().nullable() }).readonly())
      .readonly(),
    devices: z.array(z.string()).readonly(),
    files: z
      .array(z.strictObject({ path: z.string(), mode: z.int(), sha256: DigestText }).readonly())
      .readonly(),
  })
  .readonly();
export type ProvisionsRecord = z.infer<typeof ProvisionsRecord>;

/** The record of provisions: the same for the same, whatever order they were written in. */
export function recordProvisions({ hostname, mounts, tmpfs, devices, files }: Provisions): ProvisionsRecord {
  const digests = files.map(({ path, mode, content }) => ({ path, mode, sha256: digest(content) }));
  return {
    ...(hostname === undefined ? {} : { hostname }),
    mounts: mounts.toSorted(byPath),
    tmpfs: tmpfs.toSorted(byPath),
    devices: devices.toSorted(),
    files: digests.toSorted(byPath),
  };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** Whether a build can see what no record tells: files of the host, which change, and its devices. */
export function isOpenEnded(provisions: Provisions | undefined): boolean {
  return provisions !== undefined && provisions.mounts.length + provisions.devices.length > 0;
}

/** Provisions in words, a line each; what lets a build reach this machine is told first. */
export function describeProvisions({
  hostname,
  mounts,
  tmpfs,
  devices,
  files,
}: Provisions): readonly string[] {
  return [
    ...mounts.map(
      ({ source, path, writable }) =>
        `Host directory: ${source} at ${path}, ${writable ? "WRITABLE" : "read-only"}`,
    ),
    ...devices.map((device) => `Host device: ${device}`),
    ...tmpfs.map(
      ({ path, sizeBytes }) => `tmpfs: ${path}${sizeBytes === null ? "" : `, at most ${sizeBytes} bytes`}`,
    ),
    ...files.map(({ path, content }) => `File: ${path}, ${digest(content)}`),
    ...(hostname === undefined ? [] : [`Host name: ${hostname}`]),
  ];
}

/**
 * Refuses provisions that a container on this engine cannot have; undefined is for none.
 * @throws Failure mount-remote, mount-missing, mount-denied (usage).
 */
export async function requireProvisions(
  { engine }: Pick<Kiln, "engine">,
  provisions: Provisions | undefined,
): Promise<void> {
  if (provisions !== undefined && isOpenEnded(provisions))
    await requireLocalProvisions((await engine.about()).endpoint, provisions);
}

/**
 * What of provisions a container has whose root filesystem is kept afterwards: no files, for those would become part of it.
 */
export function withoutFiles(provisions: Provisions | undefined): Provisions | undefined {
  return provisions === undefined ? undefined : { ...provisions, files: [] };
}

/**
 * Refuses what belongs to this machine when the engine is on another, where the same path is something else; and what is not
 * there, for podman would make a directory of it.
 * @throws Failure mount-remote, mount-missing, mount-denied (usage).
 */
export async function requireLocalProvisions(endpoint: string, provisions: Provisions): Promise<void> {
  if (parseEndpoint(endpoint).type === "unix") return await requirePresent(provisions);
  const [first] = [...provisions.mounts.map(({ source }) => source), ...provisions.devices];
  throw new Failure(
    "usage",
    "mount-remote",
    `${first} is of this machine, and the engine at ${endpoint} is not`,
    { hint: "Use an engine here, or send files with the setting files." },
  );
}

async function requirePresent({ mounts, devices }: Provisions): Promise<void> {
  for (const { source } of mounts)
    if ((await look(source)) === null) throw missing(source, "directory or file");
  for (const device of devices) {
    const found = await look(device);
    if (found?.isCharacterDevice() !== true && found?.isBlockDevice() !== true)
      throw missing(device, "device");
  }
}

async function look(path: string): Promise<Stats | null> {
  try {
    return await stat(path).catch(nullIfMissing);
  } catch (cause) {
    throw new Failure(
      "usage",
      "mount-denied",
      `${path}, which is asked for in a container, cannot be looked at: ${errorCode(cause) ?? String(cause)}`,
      { hint: "Name a directory, file or device that you may read.", cause },
    );
  }
}

function missing(path: string, what: string): Failure {
  return new Failure("usage", "mount-missing", `There is no ${what} ${path} here`, {
    hint: "Check the path. Where debkiln itself runs in a container, it must be there at the same path too.",
  });
}

/** Lays provisions in a container that has just been made with their mounts. */
export async function layProvisions(
  kiln: Pick<Kiln, "signal">,
  container: Container,
  { tmpfs, files }: Provisions,
): Promise<void> {
  // A volume begins with what the image has at its path, a tmpfs need not.
  if (tmpfs.some(({ path }) => path === workRoot))
    await container.put(workRoot, packTar([buildDirectoryEntry()]), kiln.signal);
  for (const { path, mode, content } of files) {
    const at = path.lastIndexOf("/");
    const directory = await makeDirectory(kiln, container, path.slice(0, at) || "/");
    const file = { ...rootFile(path.slice(at + 1), content), mode };
    await container.put(directory, packTar([file]), kiln.signal);
  }
}

const workRoot = "/build";

function buildDirectoryEntry(): TarEntry {
  const { uid, gid } = builder;
  const path = buildDirectory.slice(workRoot.length + 1);
  return { path, type: "directory", mode: 0o755, uid, gid, mtime: 0 };
}

/** The directory as it is without links: engines do not put through those (podman#29805). */
async function makeDirectory(
  { signal }: Pick<Kiln, "signal">,
  container: Container,
  path: string,
): Promise<string> {
  const script = 'umask 022; mkdir -p -- "$1" && cd -- "$1" && [ "$(pwd -P)" = "$1" ]';
  const { exitCode } = await container.run(["sh", "-c", script, "sh", path], { signal });
  if (exitCode === 0) return path;
  throw new Failure(
    "usage",
    "bad-provision",
    `No file can be laid in ${path}: it is a link or no directory`,
    {
      hint: "Write the path without links, such as /usr/lib for /lib.",
    },
  );
}

function digest(content: Buffer): Digest {
  return digestOf(content);
}
