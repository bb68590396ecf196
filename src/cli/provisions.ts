import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import {
  parseBindMount,
  parseDevice,
  parseFilePath,
  parseTmpfs,
  requireDistinct,
} from "../environment/provision-words.ts";
import type { ProvidedFile, Provisions } from "../environment/provisions.ts";
import type { Settings } from "./settings.ts";

type FileWords = Settings["files"][string];

/**
 * What settings and flags give a build's container beside its environment; undefined when that is nothing.
 * @throws Failure bad-provision (usage).
 */
export async function provisionsOf(
  settings: Pick<Settings, "hostname" | "bind_mounts" | "tmpfs" | "devices" | "files">,
): Promise<Provisions | undefined> {
  const { hostname } = settings;
  const mounts = settings.bind_mounts.map(parseBindMount);
  const tmpfs = settings.tmpfs.map(parseTmpfs);
  const devices = settings.devices.map(parseDevice);
  requireDistinct([...mounts, ...tmpfs].map(({ path }) => path));
  const files = await Promise.all(Object.entries(settings.files).map(([path, words]) => fileOf(path, words)));
  const isNothing = mounts.length + tmpfs.length + devices.length + files.length === 0;
  if (isNothing && hostname === undefined) return undefined;
  return { ...(hostname === undefined ? {} : { hostname }), mounts, tmpfs, devices, files };
}

async function fileOf(path: string, { text, source, mode = "0644" }: FileWords): Promise<ProvidedFile> {
  const at = { path: parseFilePath(path), mode: Number.parseInt(mode, 8) };
  if ((text === undefined) === (source === undefined))
    throw badFile(
      `files.${JSON.stringify(path)} has both a text and a source, or neither`,
      "Write one of the two.",
    );
  return {
    ...at,
    content: source === undefined ? Buffer.from(text ?? "") : await contentOf(resolve(source)),
  };
}

async function contentOf(source: string): Promise<Buffer> {
  try {
    const { size } = await stat(source);
    if (size <= longestFile) return await readFile(source);
  } catch (cause) {
    throw badFile(
      `Cannot read the file ${source} that is to be laid in a build`,
      "Name a file that you may read.",
      cause,
    );
  }
  throw badFile(`${source} is larger than ${longestFile} bytes`, "Mount its directory instead: bind_mounts.");
}

/** They are held in memory. */
const longestFile = 64 * 1024 ** 2;

function badFile(message: string, hint: string, cause?: unknown): Failure {
  return new Failure("usage", "bad-provision", message, { hint, cause });
}
