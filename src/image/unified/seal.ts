import type { Task } from "../../base/event.ts";
import { Failure } from "../../base/failure.ts";
import { compareBytes } from "../../oci/raw-text.ts";
import type { Kiln } from "../../environment/kiln.ts";
import { composefsArguments, composefsDigests } from "../composefs/digest.ts";
import { kernelVersion } from "../finish/kernel.ts";
import { componentsOf } from "../layers/components.ts";
import { layerEntries } from "../layers/layer-entries.ts";
import type { ImagePlan } from "../plan.ts";
import type { StoredFile } from "../root/take-file.ts";
import { directoryEntry, fileEntry } from "../tree/new-entry.ts";
import { resolvePath } from "../tree/path.ts";
import type { Tree, TreeFile } from "../tree/tree.ts";
import { type Tools, type UnifiedParts, unifiedKernelFor } from "./make.ts";

/** What decides of a sealed tree beside the tree itself. */
export interface SealRequest {
  readonly plan: ImagePlan;
  readonly tools: Tools;
  /** What its layers are told too. */
  readonly definitionPaths: ReadonlySet<string>;
  /** SOURCE_DATE_EPOCH, in seconds. */
  readonly epoch: number;
}

/**
 * A finished tree whose kernel and initramfs are in one unified kernel image (UAPI.5) in /boot/EFI/Linux, where bootc looks
 * for it first. Its command line names the composefs digest of all else as the layers will have it: /boot is not part of that.
 * @throws Failure composefs-unsupported, unified-kernel-failed (package), and what `openEnvironment` raises.
 */
export async function sealTree(kiln: Kiln, tree: Tree, request: SealRequest, task: Task): Promise<Tree> {
  const { plan, epoch } = request;
  const version = kernelVersion(tree);
  const split = splitKernel(tree, version);
  const digests = await task.step("composefs", "Compute the composefs digest", async (step) => {
    const components = await componentsOf(split.rest, request.definitionPaths);
    const found = await composefsDigests(layerEntries(split.rest, components));
    step.summary = `${found[2].slice(0, 12)}...`;
    return found;
  });
  const made = await unifiedKernelFor(
    {
      version,
      kernel: split.kernel,
      initramfs: split.initramfs,
      osRelease: fileAt(tree, "usr/lib/os-release"),
      ...stubOf(tree),
      commandLine: [...plan.boot.kernelArguments, ...composefsArguments(digests)].join(" "),
    },
    request.tools,
    task,
  );
  return placeUnified(split.rest, version, { ...made, epoch, file: kiln.store.blobPath(made.digest) });
}

/** As `bootc container split-kernel-and-rootfs` does: beside the unified kernel image, nothing else is to boot. */
export function splitKernel(tree: Tree, version: string): Split {
  const paths = {
    kernel: `usr/lib/modules/${version}/vmlinuz`,
    initramfs: `usr/lib/modules/${version}/initramfs.img`,
  };
  const rest = new Map(tree);
  for (const path of Object.values(paths)) rest.delete(path);
  return { kernel: fileAt(tree, paths.kernel), initramfs: fileAt(tree, paths.initramfs), rest };
}

interface Split {
  readonly kernel: TreeFile;
  readonly initramfs: TreeFile;
  readonly rest: Tree;
}

interface Placed extends StoredFile {
  readonly file: string;
  readonly epoch: number;
}

/** The tree with a unified kernel image where bootc and boot loaders look for it. */
export function placeUnified(tree: Tree, version: string, { digest, sizeBytes, file, epoch }: Placed): Tree {
  const unified: TreeFile = {
    ...fileEntry(`boot/EFI/Linux/${version}.efi`, "", { mtime: epoch }),
    digest,
    sizeBytes,
    content: { from: "file", file, offset: 0 },
  };
  const directories = ["boot/EFI", "boot/EFI/Linux"].map((path) => directoryEntry(path, { mtime: epoch }));
  const all = [...tree.values(), ...directories, unified];
  return new Map(all.toSorted((a, b) => compareBytes(a.path, b.path)).map((entry) => [entry.path, entry]));
}

const stubs = /^usr\/lib\/systemd\/boot\/efi\/linux([a-z0-9]+)\.efi\.stub$/;

/** systemd-stub(7) of the image's own systemd-boot-efi, so that a lock of the image's packages holds it too. */
export function stubOf(tree: Tree): Pick<UnifiedParts, "stub" | "efiArchitecture"> {
  for (const path of tree.keys()) {
    const efiArchitecture = stubs.exec(path)?.[1];
    if (efiArchitecture !== undefined) return { stub: fileAt(tree, path), efiArchitecture };
  }
  throw missing("/usr/lib/systemd/boot/efi has no stub");
}

function fileAt(tree: Tree, path: string): TreeFile {
  const entry = tree.get(resolvePath(tree, path));
  const file = entry?.type === "link" ? tree.get(entry.target) : entry;
  if (file?.type !== "file") throw missing(`/${path} is no file`);
  return file;
}

function missing(reason: string): Failure {
  return new Failure("package", "unified-kernel-failed", `No unified kernel image can be made: ${reason}`, {
    hint: "Look which step or package of the definition removes it, or leave [bootc] uki out.",
  });
}
