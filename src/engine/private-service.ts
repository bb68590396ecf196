import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { http } from "../base/http.ts";
import { type SocketProcess, startSocketProcess } from "./background-process.ts";

/** The program of that name in PATH, or null. */
export async function findProgram(name: string, environment: NodeJS.ProcessEnv): Promise<string | null> {
  for (const directory of (environment["PATH"] ?? "").split(":").filter((each) => each.startsWith("/"))) {
    const path = join(directory, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

/**
 * Starts `podman system service` on a private socket. It ends when disposed, and by itself ten seconds after debkiln
 * died: `--time` counts while no connection is active, and one request is held open all the time (the lease).
 * Its containers have an OCI runtime of that name, where one is given.
 */
export async function startPodmanService(
  podman: string,
  ready: (socketPath: string) => Promise<void>,
  environment: NodeJS.ProcessEnv,
  runtime?: string,
): Promise<SocketProcess> {
  const options = ["--log-level=error", ...(runtime === undefined ? [] : [`--runtime=${runtime}`])];
  const service = await startSocketProcess(
    (socketPath) => [podman, ...options, "system", "service", "--time=10", `unix://${socketPath}`],
    ready,
    { name: "podman system service", environment, timeout: 20_000 },
  );
  const lease = holdOpen(service.socketPath);
  return {
    socketPath: service.socketPath,
    [Symbol.asyncDispose]: async () => {
      lease();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** An events request of which nothing ever comes. Gives what ends it. */
function holdOpen(socketPath: string): () => void {
  const filters = encodeURIComponent(JSON.stringify({ label: ["debkiln.lease"] }));
  const request = http.get({ socketPath, path: `/events?filters=${filters}`, agent: false }, (answer) => {
    // Its end is the service's end, which the next real call finds out and reports.
    answer.on("error", () => undefined).resume();
  });
  request.on("error", () => undefined);
  request.on("socket", (socket) => socket.unref());
  return () => request.destroy();
}
