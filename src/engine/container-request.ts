import type { ContainerCreateOptions, HostConfig } from "dockerode";
import type { About, BindMount, ContainerSpec, MountedVolume, Tmpfs } from "./engine.ts";
import { commandRequest } from "./quirks.ts";

/**
 * What the main process does: nothing, for ever, and reaping: a shell's `wait` also collects processes whose parents
 * have gone, so neither catatonit nor docker-init is needed (engines.md 13: `Init` fails where catatonit is missing).
 */
const waitForEver = ["/bin/sh", "-c", "while :; do sleep 86400 & wait $!; done"];

/** What the request depends on of the engine. */
export interface Abilities {
  readonly kind: About["kind"];
  readonly limitsAllowed: boolean;
}

/**
 * The create call's body. No `Init` and no `Ulimits`, which would replace all defaults of containers.conf (engines.md
 * 13), no `platform` (engines.md 10), and seccomp stays as the engine has it.
 */
export function containerRequest(
  spec: ContainerSpec,
  { kind, limitsAllowed }: Abilities,
): ContainerCreateOptions {
  return {
    name: spec.name,
    Image: spec.image,
    ...commandRequest(kind, waitForEver),
    User: "0:0",
    WorkingDir: "/",
    Hostname: spec.hostname,
    Env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    // The shell is process 1 and so deaf to SIGTERM: podman's forced removal would wait ten seconds for it.
    StopTimeout: 0,
    HostConfig: {
      NetworkMode: spec.network,
      SecurityOpt: ["no-new-privileges"],
      CapDrop: ["ALL"],
      CapAdd: [...spec.capabilities],
      Mounts: [
        ...spec.volumes.map((Target) => ({ Type: "volume" as const, Target, Source: "" })),
        ...(spec.mounts ?? []).map(bindRequest),
        ...(spec.keptVolumes ?? []).map(keptRequest),
      ],
      ...tmpfsRequest(spec.tmpfs ?? []),
      ...devicesRequest(spec.devices ?? []),
      ...(kind === "podman" || spec.runtime === undefined ? {} : { Runtime: spec.runtime }),
      ...(kind === "podman" ? withoutSync : {}),
      ...(spec.shmBytes === undefined ? {} : { ShmSize: spec.shmBytes }),
      ...(limitsAllowed ? limitsOf(spec) : {}),
    },
  };
}

/**
 * podman mounts a container that goes when it ends so that nothing in it is synced to disk (containers/podman#10220, overlayfs's
 * `volatile`), which dpkg does some twenty times a package. None of ours is worth more than its own life: it is committed
 * whole or thrown away. docker has no such mount.
 */
const withoutSync = { AutoRemove: true };

/** `Mounts`, for `Binds` would make a directory of what is missing. What is mounted below the source does not come along. */
function bindRequest({ source, path, writable }: BindMount) {
  return {
    Type: "bind" as const,
    Source: source,
    Target: path,
    ReadOnly: !writable,
    BindOptions: { Propagation: "rprivate" as const, NonRecursive: true },
  };
}

/** By its own key: among `Mounts`, docker's cannot be executed from. */
function tmpfsRequest(all: readonly Tmpfs[]): Partial<HostConfig> {
  if (all.length === 0) return {};
  return { Tmpfs: Object.fromEntries(all.map((each) => [each.path, tmpfsOptions(each)])) };
}

function tmpfsOptions({ path, sizeBytes }: Tmpfs): string {
  const mode = /^\/build(\/|$)/.test(path) ? "0755" : "1777";
  return `rw,exec,nosuid,nodev,mode=${mode}${sizeBytes === null ? "" : `,size=${sizeBytes}`}`;
}

function devicesRequest(paths: readonly string[]): Partial<HostConfig> {
  if (paths.length === 0) return {};
  return { Devices: paths.map(deviceRequest) };
}

function deviceRequest(path: string) {
  return { PathOnHost: path, PathInContainer: path, CgroupPermissions: "rw" };
}

function keptRequest({ volume, path, readOnly }: MountedVolume) {
  return { Type: "volume" as const, Source: volume, Target: path, ReadOnly: readOnly };
}

/** Memory and swap are one limit: a build that starts to swap is a build that is out of memory, only later. */
function limitsOf({ limits }: ContainerSpec): Partial<HostConfig> {
  return {
    ...(limits.memoryBytes === undefined
      ? {}
      : { Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes }),
    ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
    ...(limits.pids === undefined ? {} : { PidsLimit: limits.pids }),
  };
}
