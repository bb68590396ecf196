/** A moment of a build at which hooks can run. */
export interface PointFacts {
  /** Whether the build's container is there: where it is not, hooks can run on the host alone. */
  readonly container: boolean;
  /** Whether what runs there can change what the build gives. */
  readonly changes: boolean;
  /** Who runs a hook in the container, unless it says. */
  readonly user: "root" | "builder";
  /** When that is, for the documentation. */
  readonly when: string;
}

/** All points, in the order in which a build comes to them. Those that sbuild has too bear its names, without `chroot-`. */
export const hookPointNames = [
  "pre-build",
  "setup",
  "starting-build",
  "finished-build",
  "build-failed",
  "cleanup",
  "post-build",
  "failed",
] as const;
export type HookPoint = (typeof hookPointNames)[number];

export const hookPoints: Readonly<Record<HookPoint, PointFacts>> = {
  "pre-build": {
    container: false,
    changes: true,
    user: "builder",
    when: "before anything is done for a build",
  },
  setup: {
    container: true,
    changes: true,
    user: "root",
    when: "the environment stands, nothing of the source is in it",
  },
  "starting-build": {
    container: true,
    changes: true,
    user: "builder",
    when: "the source is unpacked, dpkg-buildpackage comes next",
  },
  "finished-build": {
    container: true,
    changes: true,
    user: "builder",
    when: "dpkg-buildpackage has succeeded, the results are not yet taken",
  },
  "build-failed": {
    container: true,
    changes: false,
    user: "builder",
    when: "something failed in the container, which is still there",
  },
  cleanup: {
    container: true,
    changes: false,
    user: "root",
    when: "the container goes next, whatever came of the build",
  },
  "post-build": {
    container: false,
    changes: false,
    user: "builder",
    when: "the results are in their place, checked and signed as was asked for",
  },
  failed: {
    container: false,
    changes: false,
    user: "builder",
    when: "the build or a required check failed, wherever that was, and what is left of it is in its place",
  },
};

/** Our point for one of sbuild's (sbuild(1), `--POINT-commands`) that has another name there; undefined for what is none. */
export function sbuildPoint(name: string): HookPoint | undefined {
  return sbuildNames.find(([, theirs]) => theirs.split(" ").includes(name))?.[0];
}

const sbuildNames: readonly (readonly [HookPoint, string])[] = [
  ["setup", "chroot-setup"],
  ["cleanup", "chroot-cleanup"],
  ["failed", "chroot-update-failed build-deps-failed post-build-failed anything-failed"],
];
