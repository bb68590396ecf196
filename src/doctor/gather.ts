import { constants } from "node:fs";
import { access, readFile, readdir, stat, statfs } from "node:fs/promises";
import { homedir, machine, release, userInfo } from "node:os";
import { debianArchitectureOfMachine } from "../debian/architecture.ts";
import type { Account } from "./account.ts";
import type { Facts } from "./facts.ts";
import { parseBinfmtHandler, type BinfmtHandler } from "../base/binfmt.ts";
import { loadExeca } from "../base/load-execa.ts";
import { readDefaultUlimits } from "./facts/containers-conf.ts";
import { hardLimit, mayRaiseLimits } from "./facts/limits.ts";
import { parseMountinfo, type Mount } from "./facts/mounts.ts";
import { readStorage } from "./facts/storage.ts";
import { parseSubordinate } from "./facts/subordinate.ts";
import { lookedForPrograms, programDirectories } from "./programs.ts";

export interface GatherOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user for whom builds shall work: the running one when not given. Only root can see all of another's. */
  readonly account?: Account;
  readonly engines?: readonly ("podman" | "docker")[];
  /** What a server says the time is (the Date header of a mirror's answer). */
  readonly networkTime?: Date | null;
  /** Where builds and downloads are kept, to look at the room there. */
  readonly cacheDirectory?: string;
}

/** Reads everything that the checks judge. Changes nothing, and starts no engine. */
export async function gatherFacts(options: GatherOptions): Promise<Facts> {
  const { environment } = options;
  const account = options.account ?? currentAccount(environment);
  const programs = await findPrograms(environment);
  const mounts = parseMountinfo(await read("/proc/self/mountinfo"));
  const limits = await read("/proc/self/limits");
  const storage = await readStorage(account, environment);
  const cache =
    options.cacheDirectory ?? `${environment["XDG_CACHE_HOME"] ?? `${account.home}/.cache`}/debkiln`;
  return {
    account,
    privileged: process.getuid?.() === 0,
    engines: options.engines ?? ["podman"],
    runtimeDirectory: await runtimeDirectory(account, environment),
    release: parseRelease(await read("/etc/os-release")),
    systemd: await exists("/run/systemd/system"),
    kernel: parseKernel(release()),
    architecture: debianArchitectureOfMachine(machine()) ?? machine(),
    programs,
    podmanVersion: programs.has("podman") ? await podmanVersion() : null,
    docker: await dockerSocket(),
    mounts,
    unifiedControllers: await unifiedControllers(mounts),
    hardLimits: { nofile: hardLimit(limits, "Max open files"), nproc: hardLimit(limits, "Max processes") },
    raisesLimits: mayRaiseLimits(await read("/proc/self/status")),
    defaultUlimits: await readDefaultUlimits(account, environment),
    devices: { fuse: await permissions("/dev/fuse"), tun: await permissions("/dev/net/tun") },
    subordinate: {
      uids: parseSubordinate(await read("/etc/subuid")),
      gids: parseSubordinate(await read("/etc/subgid")),
    },
    binfmt: await binfmtHandlers(mounts),
    binfmtFiles: await binfmtFiles(),
    storage,
    disks: await disks([
      { path: storage.graphRoot, purpose: "images" },
      { path: cache, purpose: "debkiln's cache" },
      { path: environment["TMPDIR"] ?? "/tmp", purpose: "temporary files" },
    ]),
    sysctl: {
      appArmorRestrictsUserns:
        (await read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")).trim() === "1",
      podmanProfile: await exists("/etc/apparmor.d/podman"),
      unprivilegedUsernsClone: (await read("/proc/sys/kernel/unprivileged_userns_clone")).trim() !== "0",
      maxUserNamespaces: numberOrNull(await read("/proc/sys/user/max_user_namespaces")),
    },
    clock: {
      now: new Date(),
      newest: await stat("/var/lib/dpkg/status").then(
        (found) => found.mtime,
        () => null,
      ),
      network: options.networkTime ?? null,
    },
  };
}

function currentAccount(environment: GatherOptions["environment"]): Account {
  const { username, uid } = userInfo();
  return { name: username, uid, home: environment["HOME"] ?? homedir() };
}

/** A file's text; empty when it is not there or not for us, which is an answer too. */
async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function findPrograms(environment: GatherOptions["environment"]): Promise<ReadonlySet<string>> {
  const directories = [...(environment["PATH"] ?? "").split(":"), ...programDirectories].filter(Boolean);
  const found = await Promise.all(
    lookedForPrograms.map(async (name) => {
      const places = await Promise.all(directories.map((directory) => exists(`${directory}/${name}`)));
      return places.includes(true) ? name : null;
    }),
  );
  return new Set(found.filter((name) => name !== null));
}

async function runtimeDirectory(
  account: Account,
  environment: GatherOptions["environment"],
): Promise<string | null> {
  const own = process.getuid?.() === account.uid ? environment["XDG_RUNTIME_DIR"] : undefined;
  const path = own || `/run/user/${account.uid}`;
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() === true && found.uid === account.uid ? path : null;
}

function parseRelease(text: string): Facts["release"] {
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  return { id: field("ID"), version: numberOrNull(field("VERSION_ID")) };
}

function parseKernel(text: string): readonly [number, number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0)];
}

function numberOrNull(text: string): number | null {
  const number = Number(text.trim());
  return text.trim() === "" || Number.isNaN(number) ? null : number;
}

async function podmanVersion(): Promise<string | null> {
  const execa = await loadExeca();
  const { stdout, failed } = await execa("podman", ["--version"], { reject: false, timeout: 20_000 });
  return failed ? null : (/(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null);
}

async function dockerSocket(): Promise<Facts["docker"]> {
  const socket = "/var/run/docker.sock";
  if (!(await exists(socket))) return { socket: null, accessible: false };
  const accessible = await access(socket, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  return { socket, accessible };
}

async function unifiedControllers(mounts: readonly Mount[]): Promise<readonly string[] | null> {
  const point = mounts.find((mount) => mount.type === "cgroup2")?.point;
  if (point === undefined) return null;
  return (await read(`${point}/cgroup.controllers`)).split(/\s+/).filter(Boolean);
}

async function permissions(device: string): Promise<number | null> {
  const found = await stat(device).catch(() => null);
  return found?.isCharacterDevice() === true ? found.mode & 0o777 : null;
}

async function binfmtHandlers(mounts: readonly Mount[]): Promise<ReadonlyMap<string, BinfmtHandler> | null> {
  const directory = "/proc/sys/fs/binfmt_misc";
  if (!mounts.some((mount) => mount.point === directory && mount.type === "binfmt_misc")) return null;
  const names = (await readdir(directory)).filter((name) => name.startsWith("qemu-"));
  const handlers = names.map(
    async (name) => [name, parseBinfmtHandler(await read(`${directory}/${name}`))] as const,
  );
  return new Map(await Promise.all(handlers));
}

async function binfmtFiles(): Promise<ReadonlySet<string>> {
  const names = await readdir("/usr/lib/binfmt.d").catch((): string[] => []);
  return new Set(
    names.filter((name) => name.endsWith(".conf")).map((name) => name.slice(0, -".conf".length)),
  );
}

async function disks(places: readonly { path: string; purpose: string }[]): Promise<Facts["disks"]> {
  return Promise.all(
    places.map(async (place) => ({ ...place, availableBytes: await availableBytes(place.path) })),
  );
}

/** Room where the path is or would be made. */
async function availableBytes(path: string): Promise<number> {
  const found = await statfs(path).catch(() => null);
  if (found !== null) return found.bavail * found.bsize;
  return path === "/" ? 0 : availableBytes(path.slice(0, path.lastIndexOf("/")) || "/");
}
