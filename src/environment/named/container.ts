import { arch } from "node:os";
import { debianArchitectureOf } from "../../debian/architecture.ts";
import type { ContainerSpec, Image, Limits } from "../../engine/engine.ts";
import { buildDirectory, builder } from "../builder.ts";
import { capabilities } from "../capabilities.ts";
import { requireRunnable } from "../emulation.ts";
import type { Kiln } from "../kiln.ts";
import { containerLabels, containerName } from "../names.ts";
import type { Provisions } from "../provisions.ts";

/** Who works in an environment by hand: the unprivileged user that builds, or root. */
export type Worker = "builder" | "root";

export interface HandOptions {
  readonly network: "none" | "host";
  readonly limits?: Limits;
  /** What it has beside its environment. */
  readonly provisions?: Provisions | undefined;
}

/**
 * What a container for work by hand is to be. It has no volumes, so that whatever is done in it can be kept, and starts
 * sooner.
 */
export function handSpec(
  kiln: Kiln,
  image: Image,
  { network, limits = {}, provisions }: HandOptions,
): ContainerSpec {
  const { hostname = "debkiln", mounts = [], tmpfs = [], devices = [] } = provisions ?? {};
  return {
    image: image.id,
    name: containerName(kiln, "hand"),
    labels: containerLabels(kiln, "hand"),
    network,
    hostname,
    environment: {},
    volumes: [],
    mounts,
    tmpfs,
    devices,
    capabilities,
    limits,
    architecture: image.architecture,
    runtime: kiln.runtime,
  };
}

/** Refuses an image whose programs cannot run here. @throws Failure no-emulation (infrastructure). */
export async function requireRunnableImage({ engine }: Kiln, { architecture }: Image): Promise<void> {
  // The engine is asked only when it matters: that takes as long as starting a container.
  const own = debianArchitectureOf(arch() === "x64" ? "amd64" : arch());
  if (architecture !== own) await requireRunnable(await engine.about(), architecture);
}

/** How a command of a worker is run: user, directory and variables. */
export function workAs(worker: Worker, directory?: string) {
  const isRoot = worker === "root";
  const home = isRoot ? "/root" : buildDirectory;
  return {
    user: isRoot ? "0:0" : `${builder.uid}:${builder.gid}`,
    directory: directory ?? home,
    environment: {
      HOME: home,
      USER: isRoot ? "root" : builder.name,
      LOGNAME: isRoot ? "root" : builder.name,
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LANG: "C.UTF-8",
    },
  };
}
