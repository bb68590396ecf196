import type { Task } from "../../base/event.ts";
import type { ReadImage } from "../../oci/read-image.ts";
import { type InstalledPackage, dpkgHome, readStatus } from "../layers/dpkg-status.ts";
import type { SourcedImage } from "../open-image.ts";
import { LayerReader } from "../tree/read-layers.ts";
import type { Tree } from "../tree/tree.ts";
import { TreeView } from "../tree/view.ts";
import { type LayerChanges, compareLayers } from "./compare-layers.ts";
import { type PackageChange, comparePackages } from "./compare-packages.ts";
import { type FileChange, compareTrees } from "./compare-trees.ts";

/** What differs between two images. */
export interface ImageDifference {
  readonly before: ImageIdentity;
  readonly after: ImageIdentity;
  readonly packages: readonly PackageChange[];
  readonly files: readonly FileChange[];
  readonly layers: LayerChanges;
}

export interface ImageIdentity {
  readonly digest: string;
  readonly architecture: string;
  /** When it was made, as it says itself. */
  readonly created: string | null;
}

/**
 * Compares two images: what is installed, every file, and the layers. Layers that both have are read once.
 * @throws Failure bad-layer, wrong-digest, tar-malformed, disk-full (infrastructure), bad-control-data (package).
 */
export async function diffImages(
  before: SourcedImage,
  after: SourcedImage,
  { scratch, signal }: { readonly scratch: string; readonly signal: AbortSignal },
  task: Task,
): Promise<ImageDifference> {
  const reader = new LayerReader(scratch, signal);
  const [old, now] = await task.step("read", "Read both images' layers", async () => [
    await reader.treeOf(before.source, before.image),
    await reader.treeOf(after.source, after.image),
  ]);
  return {
    before: identityOf(before.image),
    after: identityOf(after.image),
    packages: comparePackages(await packagesIn(old), await packagesIn(now)),
    files: compareTrees(old, now),
    layers: compareLayers(before.image, after.image),
  };
}

function identityOf({ descriptor, config }: ReadImage): ImageIdentity {
  const { architecture, created } = config;
  return { digest: descriptor.digest, architecture, created: created ?? null };
}

async function packagesIn(tree: Tree): Promise<readonly InstalledPackage[]> {
  const view = new TreeView(tree);
  const home = dpkgHome(view);
  return home === null ? [] : await readStatus(view, home);
}
