import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { rm, stat } from "node:fs/promises";
import { execa } from "execa";
import type { Host } from "./host.ts";
import { asRoot, runAsRoot } from "./root.ts";

interface Running {
  readonly name: string;
  readonly socket: string;
  stop(): Promise<void>;
}

interface Absent {
  readonly name: string;
  readonly reason: string;
}

/** Sockets and logs of what is started here. */
const directory = "/run/debkiln-test";

/** Engines for the tests, and how the tests find them. Disposing ends those that were started here. */
export async function startEngines(host: Host) {
  if (host.root) await runAsRoot(["install", "-d", "-m", "700", "-o", String(process.getuid?.()), directory]);
  const results: (Running | Absent)[] = [];
  for (const [name, start] of Object.entries(starters)) {
    const result = await start(host).catch((thrown: unknown) =>
      String(thrown instanceof Error ? thrown.message : thrown),
    );
    results.push(typeof result === "string" ? { name, reason: result } : { name, ...result });
  }
  const running = results.filter((result) => "socket" in result);
  return {
    environment: {
      DEBKILN_TEST_ENGINES: running.map(({ name, socket }) => `${name}=unix://${socket}`).join(","),
      // Without it, as in a shell of su's, skopeo looks for credentials where only root may.
      ...(isOwn(host.rootless) ? { XDG_RUNTIME_DIR: runtimeDirectory(host.rootless) } : {}),
    },
    absent: results.filter((result) => "reason" in result),
    async [Symbol.asyncDispose]() {
      for (const engine of running) await engine.stop();
    },
  };
}

type Started = Omit<Running, "name">;

/** By the names that tests use; a text is why there is none. */
const starters: Readonly<Record<string, (host: Host) => Promise<Started | string>>> = {
  "podman-rootful": startRootfulPodman,
  "podman-rootless": startRootlessPodman,
  docker: startDocker,
};

async function startRootfulPodman({ root }: Host): Promise<Started | string> {
  const usual = "/run/podman/podman.sock";
  if (await answers(usual)) return { socket: usual, stop: nothing };
  if (!root) return "it needs root, and sudo is not to be had";
  const socket = `${directory}/podman.sock`;
  return start(socket, asRoot(["podman", "system", "service", "--time=0", `unix://${socket}`]), {}, "/");
}

async function startRootlessPodman({ rootless }: Host): Promise<Started | string> {
  const runtime = runtimeDirectory(rootless);
  const usual = `${runtime}/podman/podman.sock`;
  if (await answers(usual)) return { socket: usual, stop: nothing };
  const socket = `${runtime}/debkiln-test.sock`;
  const service = ["podman", "system", "service", "--time=0", `unix://${socket}`];
  const argv = isOwn(rootless)
    ? service
    : ["setpriv", `--reuid=${rootless.name}`, `--regid=${rootless.name}`, "--init-groups", ...service];
  return start(socket, argv, { HOME: rootless.home, XDG_RUNTIME_DIR: runtime }, rootless.home);
}

function isOwn({ uid }: Host["rootless"]): boolean {
  return uid === process.getuid?.();
}

function runtimeDirectory(account: Host["rootless"]): string {
  const own = isOwn(account) ? process.env["XDG_RUNTIME_DIR"] : undefined;
  return own ?? `/run/user/${account.uid}`;
}

async function startDocker({ root }: Host): Promise<Started | string> {
  const usual = "/var/run/docker.sock";
  if (await answers(usual)) return { socket: usual, stop: nothing };
  if (!root) return "its socket is closed to this user, and sudo is not to be had";
  const user = String(process.getuid?.());
  if (await rootSees(usual)) {
    const owner = String((await stat(usual)).uid);
    await runAsRoot(["chown", user, usual]);
    return { socket: usual, stop: () => runAsRoot(["chown", owner, usual]) };
  }
  const socket = `${directory}/docker.sock`;
  const flags = ["--host", `unix://${socket}`, "--pidfile", `${directory}/docker.pid`, "--log-level", "warn"];
  return start(
    socket,
    asRoot(["env", `PATH=${process.env["PATH"]}:/usr/sbin:/sbin`, "dockerd", ...flags]),
    {},
    "/",
  );
}

async function rootSees(socket: string): Promise<boolean> {
  const [file, ...rest] = asRoot(["docker", "--host", `unix://${socket}`, "version"]);
  const { failed } = await execa(file, rest, { reject: false });
  return !failed;
}

/** Starts a service and waits until it answers on its socket. Its output goes to a log that a failure shows. */
async function start(
  socket: string,
  [file = "", ...rest]: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Started | string> {
  // A socket left behind by a run that was killed.
  if (!(await answers(socket))) await rm(socket, { force: true });
  const log = `${socket}.log`;
  await rm(log, { force: true });
  const service = execa(file, rest, {
    cwd,
    env: environment,
    reject: false,
    stdin: "ignore",
    stdout: { file: log },
    stderr: { file: log },
    cleanup: false,
    detached: true,
  });
  const ended = new AbortController();
  void service.then(() => ended.abort());
  const stop = async () => {
    // Its group: rootless podman runs its service in a child, which may outlive it and keep the log's pipes open.
    if (!ended.signal.aborted)
      await runAsRoot(["kill", "--", `-${service.pid}`]).catch(() => process.kill(-Number(service.pid)));
    await service;
  };
  for (let tries = 0; tries < 300 && !ended.signal.aborted; tries++) {
    if (await answers(socket)) return { socket, stop };
    if (process.getuid?.() !== 0) await openToUser(socket);
    await delay(100);
  }
  await stop();
  return `${file} ${rest.join(" ")} does not answer; its log is ${log}`;
}

/** A socket that root made stays root's, by which a rootful engine is known; its directory is open to this user alone. */
async function openToUser(socket: string): Promise<void> {
  const found = await stat(socket).catch(() => null);
  if (found?.uid === 0) await runAsRoot(["chmod", "666", socket]);
}

async function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", timeout: 10_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on("timeout", () => ping.destroy());
    ping.on("error", () => resolve(false));
    ping.end();
  });
}

async function nothing(): Promise<void> {}
