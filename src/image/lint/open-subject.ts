import { readdir, stat } from "node:fs/promises";
import type { Task } from "../../base/event.ts";
import { nullIfMissing } from "../../base/system-error.ts";
import type { ImageConfig } from "../../oci/image-spec.ts";
import { indexFile } from "../../oci/read-archive.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import { type ImageOpeners, type SourcedImage, openArchiveImage, openImage } from "../open-image.ts";
import { readDirectory } from "../tree/read-directory.ts";
import { treeOfImage } from "../tree/read-layers.ts";
import { treeOfMembers } from "../tree/read-tar.ts";
import type { Tree } from "../tree/tree.ts";

/** A root filesystem with what is known of its image. */
export interface Opened {
  readonly kind: "directory" | "tar" | "image";
  readonly tree: Tree;
  /** Null for a bare root filesystem. */
  readonly config: ImageConfig | null;
  readonly hasXattrs: boolean;
  /** Where the image's parts are; null for a bare root filesystem. */
  readonly image: (ReadImage & Pick<SourcedImage, "source">) | null;
}

/** What opening needs of its caller. The tree's contents are in `scratch` afterwards. */
export interface Openers extends ImageOpeners {
  readonly task: Task;
}

/**
 * Opens what is to be examined: a directory or tar with a root filesystem, or an image, as `openImage` takes it.
 * @throws Failure subject-missing, bad-place, bad-archive, no-such-image, no-such-platform, directory-unreadable (usage), and
 * what engines, registries and disks raise.
 */
export async function openSubject(text: string, openers: Openers): Promise<Opened> {
  const { task } = openers;
  return await task.step("read", `Read ${text}`, async (step) => {
    const opened = await openAny(text, { ...openers, task: step });
    step.summary = `${opened.tree.size} files`;
    return opened;
  });
}

async function openAny(text: string, openers: Openers): Promise<Opened> {
  const status = await stat(text).catch(nullIfMissing);
  if (status?.isDirectory() === true && !(await readdir(text)).includes("oci-layout")) {
    const { tree, hasXattrs } = await readDirectory(text, openers.task, openers.signal);
    return { kind: "directory", tree, config: null, hasXattrs, image: null };
  }
  if (status?.isFile() === true) return await openFile(text, openers);
  return await unpacked(await openImage(text, openers), openers);
}

async function openFile(file: string, openers: Openers): Promise<Opened> {
  const members = await indexFile(file, openers.signal);
  const archive = await openArchiveImage(file, null, members, openers);
  if (archive !== null) return await unpacked(archive, openers);
  const tree = treeOfMembers(members, file);
  return { kind: "tar", tree, config: null, hasXattrs: true, image: null };
}

async function unpacked({ source, image }: SourcedImage, { scratch, signal }: Openers): Promise<Opened> {
  const tree = await treeOfImage(source, image, scratch, signal);
  return { kind: "image", tree, config: image.config, hasXattrs: true, image: { ...image, source } };
}
