import https from "node:https";
import { inspect } from "node:util";
import { Failure } from "../base/failure.ts";
import { throwIfAborted } from "../base/event.ts";
import { http } from "../base/http.ts";
import type { Connection } from "./about.ts";
import type { SocketProcess } from "./background-process.ts";
import { type Candidate, candidatesFor, isOfVariable } from "./candidates.ts";
import { DockerApi } from "./docker-api.ts";
import { endpointText } from "./endpoint.ts";
import type { Engine } from "./engine.ts";
import { loadDockerode } from "./load-dockerode.ts";
import { ping, type Route } from "./ping.ts";
import { noneAt, placeText, reasonOf } from "./no-engine.ts";
import { findProgram, startPodmanService } from "./private-service.ts";
import { Runtimes } from "./runtimes.ts";
import { openSshTunnel } from "./ssh-tunnel.ts";
import { tcpRoute } from "./tls.ts";

export interface ConnectOptions {
  /** `--engine` or DEBKILN_ENGINE: an address, or `podman` or `docker`. */
  readonly endpoint?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Hears, in a sentence, of an engine that a variable names and that does not answer, when another is taken. */
  readonly passedOver?: (message: string) => void;
}

/**
 * Finds an engine that answers and connects to it; starts a private `podman system service` if only podman's binary is
 * there. @throws Failure no-engine (infrastructure) saying what was tried and why each failed; bad-endpoint (usage).
 */
export async function connectEngine(options: ConnectOptions): Promise<Engine> {
  const uid = process.getuid?.() ?? 0;
  const candidates = candidatesFor({ endpoint: options.endpoint, environment: options.environment, uid });
  // The import takes as long as the finding: both at once. The only place that loads dockerode.
  const [found, Docker] = await Promise.all([findEngine(candidates, options), loadDockerode()]);
  const { docker, agent } = clientOf(Docker, found.route);
  const connection = {
    ...found,
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await found.end();
    },
  };
  const startService = async (runtime: string) => {
    const service = await podmanService(options, runtime);
    if (service === null) return null;
    const client = clientOf(Docker, { protocol: "http", socketPath: service.socketPath });
    const end = async () => {
      client.agent.destroy();
      await service[Symbol.asyncDispose]();
    };
    return { socketPath: service.socketPath, docker: client.docker, [Symbol.asyncDispose]: end };
  };
  return new DockerApi(docker, connection, new Runtimes(docker, connection, startService));
}

/** A client of the Docker API, and the agent that holds its connections. */
function clientOf(Docker: Awaited<ReturnType<typeof loadDockerode>>, route: Route) {
  const agent = new (route.protocol === "https" ? https : http).Agent({ keepAlive: true, timeout: 4000 });
  // docker-modem describes each request with all that hangs on it to its debug log, on or off: 2 ms a time.
  Object.assign(agent, { [inspect.custom]: () => "Agent" });
  // Everything explicit, for docker-modem fills what is left open from DOCKER_HOST.
  const place = { socketPath: undefined, host: undefined, port: undefined, ...route };
  const modem = { ...place, agent };
  return { docker: new Docker(modem), agent };
}

/** podman's own service, of podman's binary; null where there is none. */
async function podmanService(
  { environment, signal }: ConnectOptions,
  runtime?: string,
): Promise<SocketProcess | null> {
  const podman = await findProgram("podman", environment);
  if (podman === null) return null;
  const ready = async (socketPath: string) =>
    void (await ping({ protocol: "http", socketPath }, limited(signal)));
  return await startPodmanService(podman, ready, environment, runtime);
}

interface Found extends Omit<Connection, keyof AsyncDisposable> {
  readonly route: Route;
  readonly end: () => Promise<void>;
}

async function findEngine(candidates: readonly Candidate[], options: ConnectOptions): Promise<Found> {
  const tried: string[] = [];
  const passedOver: string[] = [];
  let last: unknown;
  for (const candidate of candidates) {
    try {
      const found = await reach(candidate, options);
      if (found !== null) {
        for (const each of passedOver) options.passedOver?.(`${each}: ${found.endpoint} is used instead`);
        return found;
      }
      tried.push(`${candidate.origin}: not installed`);
    } catch (thrown) {
      if (options.signal !== undefined) throwIfAborted(options.signal);
      const place = placeText(candidate);
      tried.push(`${candidate.origin} (${place}): ${reasonOf(thrown)}`);
      if (isOfVariable(candidate))
        passedOver.push(`${candidate.origin} is ${place}, which does not answer (${reasonOf(thrown)})`);
      last = thrown;
    }
  }
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0 && last !== undefined) throw noneAt(only, last);
  throw new Failure(
    "infrastructure",
    "no-engine",
    `No container engine answers.\n${tried.map((each) => `  ${each}`).join("\n")}`,
    {
      hint: "Run `debkiln doctor`: it says what to install or start.",
      details: { tried },
    },
  );
}

/** Connects to a candidate; null when there is nothing to start. */
async function reach({ place }: Candidate, options: ConnectOptions): Promise<Found | null> {
  const { environment, signal } = options;
  const ready = async (socketPath: string) =>
    void (await ping({ protocol: "http", socketPath }, limited(signal)));
  if (place.type === "unix") return await overSocket(place.path, endpointText(place), signal);
  if (place.type === "tcp") {
    const route = await tcpRoute(place, environment);
    const kind = await ping(route, limited(signal));
    return {
      kind,
      endpoint: endpointText(place),
      socketPath: null,
      outlivesUs: true,
      route,
      end: async () => undefined,
    };
  }
  if (place.type === "ssh") {
    const tunnel = await openSshTunnel(place, ready, { environment, signal });
    const end = async () => await tunnel[Symbol.asyncDispose]();
    const found = await overSocket(tunnel.socketPath, endpointText(place), signal);
    // The engine does, but not the tunnel in which a request to it may still be.
    return { ...found, socketPath: null, outlivesUs: false, end };
  }
  const service = await podmanService(options);
  if (service === null) return null;
  const { socketPath } = service;
  const end = async () => await service[Symbol.asyncDispose]();
  const route = { protocol: "http", socketPath } as const;
  return { kind: "podman", endpoint: `unix://${socketPath}`, socketPath, outlivesUs: false, route, end };
}

async function overSocket(
  socketPath: string,
  endpoint: string,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const route = { protocol: "http", socketPath } as const;
  return {
    kind: await ping(route, limited(signal)),
    endpoint,
    socketPath,
    outlivesUs: true,
    route,
    end: async () => undefined,
  };
}

/** An engine that takes longer to say "OK" is not there; a socket-activated podman needs about one second. */
function limited(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(10_000);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}
