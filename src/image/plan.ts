import type { Digest } from "../base/digest.ts";
import type { Relation } from "../debian/relation.ts";
import type { BaseRecipe } from "../environment/base-recipe.ts";
import type { Target } from "../environment/target.ts";
import type { Content } from "./tree/tree.ts";

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
  /**
   * Laid over what packages brought, before the commands run: all but presets, masks and the host name, which finishing
   * writes. Sorted by path, no path twice, parents not listed.
   */
  readonly entries: readonly PlannedEntry[];
  readonly hostname: string | null;
  /** Units by their whole names. */
  readonly services: ServicePlan;
  /** What the definition says of paths below /var that packages bring. */
  readonly var: Readonly<Record<string, VarOutcome>>;
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
  readonly recommends: boolean;
  /** The base that they are installed on: variant, path excludes, debconf answers. */
  readonly recipe: BaseRecipe;
  /** apt_preferences(5) for the resolver; empty without pins. */
  readonly preferences: string;
  /** Further suites of the target's archive, by name. */
  readonly suites: readonly string[];
  /** Packages of this machine, each to be installed. */
  readonly debs: readonly LocalFile[];
  /** The lock file that the packages are to be taken from, instead of a resolution. */
  readonly lock: LocalFile | null;
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

/**
 * An entry of the root filesystem, by its absolute path, and the key of the definition (or the rule) that it is there for.
 * Owners are names where the definition gives names: the ids of packages' accounts are known only once they are installed.
 */
export type PlannedEntry = {
  readonly path: string;
  readonly mode: number;
  readonly user: string | number;
  readonly group: string | number;
  readonly from: string;
} & (
  | { readonly type: "file"; readonly content: Content; readonly sizeBytes: number; readonly digest: Digest }
  | { readonly type: "directory" }
  | { readonly type: "symlink"; readonly target: string }
);

export interface ServicePlan {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
  readonly masked: readonly string[];
}

/** What becomes of something below /var, of which hosts get nothing but at installation. */
export type VarOutcome = "image" | "tmpfiles" | "seed" | "discard";

export interface PlannedCommand {
  /** What it does, for the log. */
  readonly title: string;
  readonly argv: readonly string[];
  readonly input: string | null;
  readonly from: string;
}

export type PlannedStep = { readonly name: string } & (
  | { readonly kind: "run"; readonly text: string }
  | { readonly kind: "script"; readonly script: LocalFile }
  | {
      readonly kind: "containerfile";
      readonly containerfile: LocalFile;
      /** A directory, absolute. */
      readonly context: string;
      /** Of what the step gets of it. */
      readonly contextDigest: Digest;
    }
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
  /** For machines, such as `without-bootc`. */
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}
