import type { ReadImage } from "../oci/read-image.ts";
import { imageSbom } from "../attestation/image-sbom.ts";
import type { SpdxDocument } from "../attestation/spdx.ts";
import { Failure } from "../base/failure.ts";
import { debianArchitectureOf } from "../debian/architecture.ts";
import { type InstalledPackage, parseDpkgStatus } from "../debian/dpkg-status.ts";
import type { Lock } from "../environment/lock.ts";
import { dpkgDatabase } from "./lint/dpkg.ts";
import type { Opened } from "./lint/open-subject.ts";
import { readText } from "./lint/read.ts";
import { TreeView } from "./tree/view.ts";

/** What a bill of materials is made by, beside the image itself. */
export interface SbomRequest {
  /** The image's name as the bill has it. */
  readonly name: string;
  /** What the image was made from; null when that is not known. */
  readonly lock: Lock | null;
  /** debkiln's version. */
  readonly version: string;
}

/**
 * The bill of materials of an image, from dpkg's database in it: the same image gives the same bytes. It is of the time that
 * the image's configuration says it was made.
 * @throws Failure no-package-database (package), and what `parseDpkgStatus` raises.
 */
export async function sbomOf(
  {
    tree,
    config,
    image,
  }: Pick<Opened, "tree" | "config"> & {
    readonly image: Pick<ReadImage, "descriptor"> | null;
  },
  { name, lock, version }: SbomRequest,
): Promise<SpdxDocument> {
  const view = new TreeView(tree);
  const created = Date.parse(config?.created ?? "");
  const architecture = config === null ? null : debianArchitectureOf(config.architecture, config.variant);
  const packages = await installedPackages(view);
  return imageSbom(
    {
      name,
      digest: image?.descriptor.digest ?? null,
      architecture: architecture ?? architectureOf(packages),
    },
    { packages, suite: lock?.suite ?? (await codenameOf(view)), lock },
    { epoch: Number.isNaN(created) ? 0 : Math.floor(created / 1000), version },
  );
}

/** The packages that dpkg's database in a root filesystem says are installed. @throws Failure as `sbomOf`. */
export async function installedPackages(view: TreeView): Promise<readonly InstalledPackage[]> {
  const database = dpkgDatabase(view);
  const text = database === null ? null : await readText(view, `${database}/status`);
  if (database !== null && text !== null) return parseDpkgStatus(text, `${database}/status`);
  throw new Failure("package", "no-package-database", "There is no database of dpkg in it", {
    hint: "It lies in /var/lib/dpkg, or in /usr/lib/sysimage/dpkg; without it nobody can tell what is installed.",
  });
}

/** Of a bare root filesystem: that of most of its packages is the one of dpkg itself. */
function architectureOf(packages: readonly InstalledPackage[]): string {
  return packages.find(({ name }) => name === "dpkg")?.architecture ?? "all";
}

/** The codename in os-release(5). */
async function codenameOf(view: TreeView): Promise<string> {
  const text = (await readText(view, "etc/os-release")) ?? (await readText(view, "usr/lib/os-release")) ?? "";
  return /^VERSION_CODENAME="?([a-z][a-z0-9.-]*)"?$/m.exec(text)?.[1] ?? "unknown";
}
