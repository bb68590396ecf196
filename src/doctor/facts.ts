import type { Account } from "./account.ts";
import type { BinfmtHandler } from "../base/binfmt.ts";
import type { HardLimit } from "./facts/limits.ts";
import type { Mount } from "./facts/mounts.ts";
import type { StorageFacts } from "./facts/storage.ts";
import type { SubordinateRange } from "./facts/subordinate.ts";

/** What is known of the host: gathered once, judged by pure checks. */
export interface Facts {
  readonly account: Account;
  /** Whether the examining process is root. */
  readonly privileged: boolean;
  /** The engines that the caller wants to work; podman when it has no wish. */
  readonly engines: readonly ("podman" | "docker")[];
  /** XDG_RUNTIME_DIR, or where it would be, when it is a directory of the account's; else null. */
  readonly runtimeDirectory: string | null;
  readonly release: { readonly id: string; readonly version: number | null };
  /** Whether systemd runs this host. */
  readonly systemd: boolean;
  readonly kernel: readonly [major: number, minor: number];
  /** Debian's name of the host's architecture. */
  readonly architecture: string;
  /** Programs found, of those that were looked for. */
  readonly programs: ReadonlySet<string>;
  readonly podmanVersion: string | null;
  readonly docker: { readonly socket: string | null; readonly accessible: boolean };
  readonly mounts: readonly Mount[];
  /** Controllers that the cgroup v2 hierarchy holds; null when it is not mounted. */
  readonly unifiedControllers: readonly string[] | null;
  readonly hardLimits: { readonly nofile: HardLimit; readonly nproc: HardLimit };
  /** Whether root on this host may raise hard limits (CAP_SYS_RESOURCE in the bounding set). */
  readonly raisesLimits: boolean;
  /** `default_ulimits` of containers.conf, or null when no file sets it. */
  readonly defaultUlimits: readonly string[] | null;
  /** Permission bits of character devices; null when there is no such device. */
  readonly devices: { readonly fuse: number | null; readonly tun: number | null };
  readonly subordinate: {
    readonly uids: readonly SubordinateRange[];
    readonly gids: readonly SubordinateRange[];
  };
  /** Handlers by name (`qemu-aarch64`); null when binfmt_misc is not mounted. */
  readonly binfmt: ReadonlyMap<string, BinfmtHandler> | null;
  /** Handlers that the distribution has a file for in /usr/lib/binfmt.d, registered or not. */
  readonly binfmtFiles: ReadonlySet<string>;
  readonly storage: StorageFacts;
  readonly disks: readonly {
    readonly path: string;
    readonly purpose: string;
    readonly availableBytes: number;
  }[];
  readonly sysctl: {
    readonly appArmorRestrictsUserns: boolean;
    /** Whether AppArmor has profiles that let podman use user namespaces all the same. */
    readonly podmanProfile: boolean;
    readonly unprivilegedUsernsClone: boolean;
    readonly maxUserNamespaces: number | null;
  };
  readonly clock: {
    readonly now: Date;
    /** The newest time that this host has seen for certain, such as dpkg's last change. */
    readonly newest: Date | null;
    /** What a server on the network says the time is. */
    readonly network: Date | null;
  };
}
