import type { Digest } from "../base/digest.ts";
import type { Relation } from "../debian/relation.ts";
import type { Target } from "../environment/target.ts";
import type { TreeDirectory, TreeFile, TreeSymlink } from "./tree/tree.ts";

/**
 * Everything that the definition decides of one image, as data: the same definition, inputs and architecture give the same
 * plan. What only the resolved packages can tell (kernel's version, packages' accounts) is not in it.
 */
export interface ImagePlan {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Debian's name. */
  readonly architecture: string;
  /** For resolver and environment: suite, mirrors, extra repositories (also those of the definition that are built from). */
  readonly target: Target;
  readonly packages: PackagePlan;
  readonly boot: BootPlan;
  /** Put in place before packages are installed: what dpkg, apt, debconf, kernel hooks and sysusers are to find. */
  readonly before: readonly PlannedEntry[];
  /** Added when all packages are installed, over what they brought. Sorted by path, no path twice, parents not listed. */
  readonly entries: readonly PlannedEntry[];
  /** Run in this order when the entries are there: as root, in a container of the image, without network. */
  readonly commands: readonly PlannedCommand[];
  /** The definition's own steps, after the commands. */
  readonly steps: readonly PlannedStep[];
  readonly accounts: AccountPlan;
  readonly layout: LayoutPlan;
  readonly layers: { readonly budget: number; readonly compression: "gzip" | "zstd" };
  /** Of the image's config. Time and revision are the build's to add. Sorted by key. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the manifest and the index. Sorted by key. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What the user is to know of the image, although nothing is wrong. */
  readonly notices: readonly Notice[];
}

export interface PackagePlan {
  /** Everything to be resolved, boot stack and kernel included, sorted. */
  readonly relations: readonly Relation[];
  /** As `relations`, in the canonical text that the resolver takes as Depends. */
  readonly depends: string;
  /** By which keys of the definition a package is wanted, by its name. */
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  /** The set to begin with, as mmdebstrap(1) names them. */
  readonly variant: "essential" | "apt" | "required" | "important" | "standard";
  readonly recommends: boolean;
  /** apt_preferences(5) for the resolver; empty without pins. */
  readonly preferences: string;
  /** Further suites of the target's archive, by name. */
  readonly suites: readonly string[];
  /** Packages of this machine, each to be installed. */
  readonly debs: readonly LocalFile[];
  /** The lock file that the packages are to be taken from, instead of a resolution. */
  readonly lock: LocalFile | null;
  /** What debconf-set-selections(1) is to read before packages are configured; empty without answers. */
  readonly debconf: string;
  readonly pathExcludes: readonly string[];
  readonly pathIncludes: readonly string[];
}

export interface BootPlan {
  readonly backend: "composefs" | "ostree";
  readonly bootloader: "systemd" | "grub" | "none";
  readonly uki: boolean;
  /** The kernel's package. */
  readonly kernel: string;
  /** All kernel arguments for this architecture, in order: what a UKI has built in. */
  readonly kernelArguments: readonly string[];
  /** dracut's modules beyond its own choice, one of which must be in the initramfs for the backend to boot. */
  readonly dracutModules: readonly string[];
  /** Whether the definition brings the bootc binary. */
  readonly hasBootc: boolean;
}

export interface LayoutPlan {
  /** How /home, /root, /srv and /mnt lead into /var. */
  readonly home: "links" | "mounts";
  /** Whether /opt and /usr/local are the image's own directories or links into /var. */
  readonly local: "image" | "state";
}

/** An entry of the root filesystem, and the key of the definition (or the rule) that it is there for. Its mtime is 0. */
export interface PlannedEntry {
  readonly entry: TreeFile | TreeDirectory | TreeSymlink;
  readonly from: string;
}

export interface PlannedCommand {
  readonly argv: readonly string[];
  readonly input: string | null;
  readonly from: string;
}

export type PlannedStep = { readonly name: string } & (
  | { readonly kind: "run"; readonly text: string }
  | { readonly kind: "script"; readonly script: LocalFile }
  | { readonly kind: "containerfile"; readonly containerfile: LocalFile; readonly context: string }
);

/** Accounts of the definition. Their sysusers.d fragment, keys and homes are among the entries already. */
export interface AccountPlan {
  readonly users: readonly { readonly name: string; readonly uid: number; readonly gid: number }[];
  readonly groups: readonly { readonly name: string; readonly gid: number }[];
  /** Groups that must be there once packages are installed, since users are put into them. */
  readonly requiredGroups: readonly string[];
}

/** A file on this machine as it was when the definition was read. */
export interface LocalFile {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

export interface Notice {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}
