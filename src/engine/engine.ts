import type { Readable, Writable } from "node:stream";
import type { Digest } from "../base/digest.ts";
import type { Removal } from "./removal.ts";

/** What kind of engine answers, where, and what it can do. */
export interface About {
  readonly kind: "podman" | "docker";
  readonly version: string;
  /** `unix:///run/...`, `tcp://...`, `ssh://...`. */
  readonly endpoint: string;
  readonly rootless: boolean;
  /** Whether root in a container is root of the engine's machine: of no rootless engine, nor of docker with userns-remap. */
  readonly hostRoot: boolean;
  /** The engine host's own architecture by Debian's name (`amd64`, `arm64`). */
  readonly architecture: string;
  readonly storageDriver: string;
  readonly cgroupVersion: 1 | 2;
  /** Whether memory, cpu and pids limits can be set (not for rootless engines on cgroup v1). */
  readonly limits: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** An image as its engine knows it. */
export interface Image {
  /** The engine's own id of the image: the digest of its configuration. */
  readonly id: Digest;
  readonly references: readonly string[];
  /** Debian's name of the architecture in the image's configuration. */
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: Date;
  readonly sizeBytes: number;
  /** How many layers lie on one another. */
  readonly layers: number;
}

export interface Limits {
  readonly memoryBytes?: number;
  readonly cpus?: number;
  readonly pids?: number;
}

/** A directory or file of the engine's host in a container. */
export interface BindMount {
  /** On the host: absolute. */
  readonly source: string;
  /** Inside: absolute. */
  readonly path: string;
  readonly writable: boolean;
}

/** A file system in memory in a container, in which programs may be run. */
export interface Tmpfs {
  /** Inside: absolute. */
  readonly path: string;
  /** Null leaves it to the kernel, which takes half the memory. */
  readonly sizeBytes: number | null;
}

export interface ContainerSpec {
  readonly image: string;
  /** Unique among the engine's containers. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `host` is for containers that run nothing of a package's: apt in the resolver. */
  readonly network: "none" | "host";
  readonly hostname: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Directories that are anonymous volumes: outside the root filesystem, absent from commits, removed with the container. */
  readonly volumes: readonly string[];
  /** Capabilities kept, without `CAP_`; all others are dropped. */
  readonly capabilities: readonly string[];
  readonly limits: Limits;
  /** The architecture that the image must have, by Debian's name. The engine's own check is not relied on (engines.md 10). */
  readonly architecture: string;
  /** Size of /dev/shm. */
  readonly shmBytes?: number;
  /** Of the engine's host: never what debkiln itself needs, which may be elsewhere. */
  readonly mounts?: readonly BindMount[];
  readonly tmpfs?: readonly Tmpfs[];
  /** Devices of the engine's host, at the same paths inside. */
  readonly devices?: readonly string[];
  /** Volumes that outlive the container. */
  readonly keptVolumes?: readonly MountedVolume[];
  /** The OCI runtime that runs it, by the engine's name of it; undefined for the engine's own choice. */
  readonly runtime?: string | undefined;
}

/** A volume in a container. */
export interface MountedVolume {
  /** The engine's name of it. */
  readonly volume: string;
  /** Inside: absolute. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** A volume that has a name, and stays until it is removed. */
export interface Volume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: Date;
}

export interface RunOptions {
  /** User and group inside, as `name` or `uid:gid`. */
  readonly user?: string;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command reads as its standard input; without it the input is empty. */
  readonly input?: Readable;
  /**
   * Gets every byte of standard output as it comes; its back-pressure holds the command. Not ended by `run`.
   */
  readonly stdout?: Writable;
  /** As `stdout`; may be the same stream. */
  readonly stderr?: Writable;
  /** Ends the wait, and the command with its container: an exec cannot be stopped alone (engines.md 4). */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number;
  /** Whether the kernel killed a process of this container for want of memory during the command (asked only when it failed). */
  readonly oomKilled: boolean;
}

export interface CommitOptions {
  /** Containerfile instructions, such as `LABEL a="b"` or `CMD ["sh"]`. */
  readonly changes: readonly string[];
}

/** A running container that waits for commands. Disposing removes it with its volumes, whatever runs in it. */
export interface Container extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  /**
   * Runs a command and waits for its end. A command that cannot be found or run gives exit code 127 or 126, as a
   * shell would. @throws Failure engine-lost (infrastructure) when the engine or container goes away meanwhile.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a command on the user's terminal, raw, with its size kept right. Gives the exit code. */
  interact(
    argv: readonly string[],
    options?: Pick<RunOptions, "user" | "directory" | "environment">,
  ): Promise<number>;
  /**
   * Unpacks a tar (owners kept) into a directory. The signal ends it halfway.
   * @throws Failure directory-missing when there is no such directory.
   */
  put(directory: string, tar: Readable, signal?: AbortSignal): Promise<void>;
  /** The tar of a file or directory. Owners may be zeroed and xattrs lost (engines.md 1). */
  get(path: string): Promise<Readable>;
  /** Makes an image of the root filesystem as it is; the container keeps running meanwhile. */
  commit(reference: string, options: CommitOptions): Promise<Image>;
  /** SIGKILL to everything in it. No failure if it has ended already. */
  kill(): Promise<void>;
  /** Begins its removal, as disposing does, which waits for its end. */
  remove(): Removal;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
  readonly created: Date;
}

export interface BuildImageOptions {
  /** Path of the recipe inside the context. */
  readonly containerfile: string;
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly arguments: Readonly<Record<string, string>>;
  readonly network: "none" | "host";
  readonly target?: string;
  readonly log?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ImportOptions {
  readonly changes: readonly string[];
  /** Debian's name of the architecture recorded in the image. */
  readonly architecture: string;
  readonly signal?: AbortSignal;
}

/** Containers and images through podman or docker. The only door to either; every difference between them is behind it. */
export interface Engine extends AsyncDisposable {
  about(): Promise<About>;
  /** Fetches an image from its registry. @throws Failure image-pull-failed (infrastructure). */
  pull(
    reference: string,
    options: {
      readonly architecture: string;
      readonly signal?: AbortSignal;
      readonly log?: (text: string) => void;
    },
  ): Promise<Image>;
  /** The image with this reference or id, or null when the engine has none. */
  image(reference: string): Promise<Image | null>;
  /** All images that carry these labels (an empty value means the label with any value). */
  images(labels: Readonly<Record<string, string>>): Promise<readonly Image[]>;
  /** Takes an OCI or docker archive in; gives the references in it. */
  load(archive: Readable): Promise<readonly string[]>;
  /** An image as a docker archive, of which its layers are members, each a tar that may be compressed. */
  save(reference: string): Promise<Readable>;
  /** Makes a one-layer image of a root filesystem's tar. */
  import(rootfs: Readable, reference: string, options: ImportOptions): Promise<Image>;
  /** Builds an image from a context tar. @throws Failure image-build-failed (infrastructure), leaving no container behind. */
  build(context: Readable, options: BuildImageOptions): Promise<Image>;
  /**
   * Refuses an OCI runtime that containers cannot have. @throws Failure runtime-unknown (usage) for a name that the engine does
   * not know; runtime-unsupported (usage) where the engine cannot be asked for one, or commands would run outside of it.
   */
  requireRuntime(name: string): Promise<void>;
  /**
   * Makes and starts a container that waits for commands. @throws Failure image-missing, wrong-architecture,
   * container-start-failed, and what `requireRuntime` raises.
   */
  create(spec: ContainerSpec): Promise<Container>;
  /** All containers, running or not, that carry these labels. */
  containers(labels: Readonly<Record<string, string>>): Promise<readonly ContainerSummary[]>;
  /** Ends and removes a container by id or name with its volumes; nothing happens if it is gone. */
  removeContainer(id: string): Promise<void>;
  /** Begins what `removeContainer` does to its end. */
  beginRemoval(id: string): Removal;
  /** Gives an image another reference. */
  tag(image: string, reference: string): Promise<void>;
  /**
   * Removes an image's reference, and the image with its last one. Gives false, and removes nothing, when a container
   * still uses it or it is gone.
   */
  removeImage(reference: string): Promise<boolean>;
  /** Makes a volume; one of that name that is there stays as it is. */
  ensureVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** All volumes that carry these labels. */
  volumes(labels: Readonly<Record<string, string>>): Promise<readonly Volume[]>;
  /** Removes a volume. Gives false, and removes nothing, when a container uses it. */
  removeVolume(name: string): Promise<boolean>;
}
