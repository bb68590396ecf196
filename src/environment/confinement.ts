import type { ContainerSpec, Limits, MountedVolume, Tmpfs } from "../engine/engine.ts";
import { capabilities } from "./capabilities.ts";
import type { Kiln } from "./kiln.ts";
import { containerLabels, containerName } from "./names.ts";
import type { EnvironmentPlan } from "./plan.ts";
import type { Provisions } from "./provisions.ts";

/** How the container of an environment is bounded. */
export interface Confinement {
  readonly limits: Limits;
  /** Size of /dev/shm. */
  readonly shmBytes?: number;
  /** A file system in memory, below one of the writable directories. */
  readonly tmpfs?: Tmpfs;
  /**
   * When the image of what was newly installed is made: `first`, before anybody gets the environment, or `beside` what runs in it,
   * which then must not be able to change what is kept, or not at all but `when-asked` by `keep`. Default: first, for whoever
   * works as root could plant something for others.
   */
  readonly keeping?: "first" | "beside" | "when-asked";
  /** Volumes that outlive it, mounted in directories that are volumes themselves. */
  readonly keptVolumes?: readonly MountedVolume[];
  /** What the container has beside the environment; absent for nothing. */
  readonly provisions?: Provisions | undefined;
  /** Hears what the environment will be, before anything of it is made. */
  readonly planned?: (plan: EnvironmentPlan) => void;
}

/** Where builds write: outside the root filesystem, so that it can be committed while a build runs. */
export const writableDirectories = ["/build", "/tmp", "/var/tmp", "/run/lock"] as const;

const temporaryDirectories = ["/tmp", "/var/tmp"] as const;

/** What decides of a container of an environment. */
type ContainerPlace = Pick<EnvironmentPlan, "purpose"> & {
  readonly target: Pick<EnvironmentPlan["target"], "architecture">;
};

/** How a container of an environment, or of an image made of one, is to be. */
export function containerSpec(
  kiln: Kiln,
  { purpose, target }: ContainerPlace,
  image: string,
  { limits, shmBytes, tmpfs: own, provisions, keptVolumes }: Confinement,
): ContainerSpec {
  const volumes = purpose === "build" ? writableDirectories : temporaryDirectories;
  const { hostname = "debkiln", mounts = [], devices = [] } = provisions ?? {};
  const tmpfs = [...(own === undefined ? [] : [own]), ...(provisions?.tmpfs ?? [])];
  return {
    image,
    name: containerName(kiln, "build"),
    labels: containerLabels(kiln, "build"),
    network: "none",
    hostname,
    environment: {},
    volumes: volumes.filter((each) => tmpfs.every(({ path }) => path !== each)),
    mounts,
    tmpfs,
    devices,
    capabilities,
    limits,
    architecture: target.architecture,
    runtime: kiln.runtime,
    ...(shmBytes === undefined ? {} : { shmBytes }),
    ...(keptVolumes === undefined ? {} : { keptVolumes }),
  };
}
