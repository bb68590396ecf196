import type { InstalledPackage } from "./dpkg-status.ts";

/** What goes into one layer as a whole: all that a source package brought, or what something made in the image. */
export interface Component {
  /** A source package's name, `file:/PATH`, or a name of `systemComponents`. */
  readonly name: string;
  /** Paths of its entries, sorted by bytes. The directories above them are not among them. */
  readonly paths: readonly string[];
  /**
   * Nothing in it is to have a later time, in seconds since the epoch: that of the newest file that a package brought, so that
   * what was made in the image does not tell when. Infinity where times stay as they are.
   */
  readonly latest: number;
  readonly packages: readonly InstalledPackage[];
  /** Of its part of a tar. */
  readonly sizeBytes: number;
}

/** Components that are no source package's. Sources have no colon in their names. */
export const systemComponents = {
  initramfs: "system:initramfs",
  uki: "system:uki",
  hwdb: "system:hwdb",
  alternatives: "system:alternatives",
  /** Indices that many packages' files go into, such as those of MIME types and fonts. */
  caches: "system:caches",
  kernel: "system:kernel",
  /** What the definition itself puts in place. */
  definition: "system:definition",
  /** dpkg's account of what is installed, which every update changes. */
  dpkg: "system:dpkg",
  rest: "system:rest",
} as const;
