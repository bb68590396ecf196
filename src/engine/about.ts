import type Docker from "dockerode";
import { DockerInfo, PodmanInfo } from "./answers.ts";
import { apiFailure } from "./api-failure.ts";
import type { About } from "./engine.ts";
import { debianNameOf } from "./platform.ts";

/** What is known of an engine from finding it. Disposing ends the connections and whatever was started for them. */
export interface Connection extends AsyncDisposable {
  readonly kind: About["kind"];
  readonly endpoint: string;
  /** The path of a local engine's own socket; null for any other. */
  readonly socketPath: string | null;
  /** Whether the engine goes on when this process ends. */
  readonly outlivesUs: boolean;
}

/** Asks the engine about itself; slow with podman (0.2 to 0.4 s), so asked only by who needs it. */
export async function describeEngine(docker: Docker, connection: Connection): Promise<About> {
  try {
    return connection.kind === "podman"
      ? await describePodman(docker, connection)
      : await describeDocker(docker, connection);
  } catch (thrown) {
    throw apiFailure(thrown, "describe itself");
  }
}

/** podman's own API says which cgroup controllers its containers get; its docker-like one does not. */
async function describePodman(docker: Docker, { endpoint }: Connection): Promise<About> {
  const { host, store, version } = PodmanInfo.parse(await get(docker, "/v4.0.0/libpod/info"));
  const { rootless } = host.security;
  const controllers = host.cgroupControllers ?? [];
  return {
    kind: "podman",
    version: version.Version,
    endpoint,
    rootless,
    hostRoot: !rootless,
    architecture: debianNameOf(host.arch, host.variant),
    storageDriver: store.graphDriverName,
    cgroupVersion: host.cgroupVersion === "v2" ? 2 : 1,
    limits: ["memory", "pids"].every((controller) => controllers.includes(controller)),
    cpus: host.cpus,
    memoryBytes: host.memTotal,
  };
}

async function describeDocker(docker: Docker, { endpoint }: Connection): Promise<About> {
  const info = DockerInfo.parse(await docker.info());
  const security = info.SecurityOptions ?? [];
  const rootless = security.includes("name=rootless");
  return {
    kind: "docker",
    version: info.ServerVersion,
    endpoint,
    rootless,
    hostRoot: !rootless && !security.includes("name=userns"),
    architecture: debianNameOf(info.Architecture),
    storageDriver: info.Driver,
    cgroupVersion: info.CgroupVersion === "2" ? 2 : 1,
    limits: info.MemoryLimit && info.PidsLimit && info.CgroupDriver !== "none",
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
  };
}

/** A call outside the Docker API, over dockerode's connection. */
function get(docker: Docker, path: string): Promise<unknown> {
  const statusCodes = { 200: true, 404: "no such call", 500: "server error" };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ path, method: "GET", statusCodes }, (error: Error | null, answer: unknown) => {
      if (error === null) resolve(answer);
      else reject(error);
    });
  });
}
