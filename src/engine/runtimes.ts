import { stat } from "node:fs/promises";
import type Docker from "dockerode";
import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import type { Connection } from "./about.ts";
import { DockerInfo } from "./answers.ts";
import { apiFailure, statusOf } from "./api-failure.ts";
import type { SocketProcess } from "./background-process.ts";

/** A client of podman's service that makes containers with one OCI runtime. Disposing ends the service. */
export interface RuntimeClient extends AsyncDisposable {
  readonly docker: Docker;
}

/** Starts podman's own service on a private socket with a runtime as its default; null where there is no podman program. */
export type StartService = (runtime: string) => Promise<(SocketProcess & RuntimeClient) | null>;

/**
 * Which client makes containers with an OCI runtime. docker's API takes a runtime's name. podman's ignores one, the docker-like
 * as its own (containers/podman#28429; engines.md 22), and a container keeps the runtime that it was made with: so a second
 * service is started, beside the one that is there, over the same storage.
 */
export class Runtimes implements AsyncDisposable {
  readonly #docker: Docker;
  readonly #connection: Connection;
  readonly #start: StartService;
  readonly #clients = new Map<string, Promise<RuntimeClient>>();

  constructor(docker: Docker, connection: Connection, start: StartService) {
    this.#docker = docker;
    this.#connection = connection;
    this.#start = start;
  }

  /** The client for a runtime. @throws Failure runtime-unknown, runtime-unsupported (usage). */
  async client(runtime: string): Promise<Docker> {
    requireInside(runtime);
    const known = this.#clients.get(runtime);
    if (known !== undefined) return (await known).docker;
    const client = this.#connection.kind === "docker" ? this.#listed(runtime) : this.#service(runtime);
    this.#clients.set(runtime, client);
    return (await client).docker;
  }

  /** The client for a runtime that a container of an image, by its id, is made with. @throws Failure as `client`. */
  async clientOver(image: string, runtime: string): Promise<Docker> {
    const docker = await this.client(runtime);
    if (docker === this.#docker) return docker;
    try {
      await docker.getImage(image).inspect();
    } catch (thrown) {
      if (statusOf(thrown) === 404) throw unsupported(runtime, this.#connection.endpoint);
      throw apiFailure(thrown, `inspect image ${image}`);
    }
    return docker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    for (const client of clients)
      if (client.status === "fulfilled") await client.value[Symbol.asyncDispose]();
  }

  /** docker runs those of its daemon.json, and since 23 any containerd shim by its full name, listed or not. */
  async #listed(runtime: string): Promise<RuntimeClient> {
    const answer: unknown = await this.#docker.info().catch((thrown: unknown) => {
      throw apiFailure(thrown, "describe itself");
    });
    const names = Object.keys(DockerInfo.parse(answer).Runtimes ?? {});
    if (!names.includes(runtime) && !runtime.startsWith("io.containerd.")) throw unknown(runtime, names);
    return { docker: this.#docker, [Symbol.asyncDispose]: () => Promise.resolve() };
  }

  async #service(runtime: string): Promise<RuntimeClient> {
    const { socketPath, endpoint } = this.#connection;
    // Another user's podman has its own images.
    const isOurs = socketPath !== null && (await stat(socketPath)).uid === process.getuid?.();
    const service = isOurs ? await this.#start(runtime).catch(unknownOr(runtime)) : null;
    if (service === null) throw unsupported(runtime, endpoint);
    return service;
  }
}

/** In krun's microVM is the main process alone; what an engine executes in the container runs beside it (containers/crun#2090). */
function requireInside(runtime: string): void {
  if (!/^(?:crun-)?krun$/.test(runtime)) return;
  throw new Failure("usage", "runtime-unsupported", `${runtime} would not isolate what debkiln runs`, {
    hint: "Its microVM holds a container's first process only, and commands run outside of it (containers/crun#2090). Take kata, with docker, or runsc.",
  });
}

function unknownOr(runtime: string): (thrown: unknown) => never {
  return (thrown) => {
    if (thrown instanceof Failure && /OCI runtime .* not found/.test(thrown.message)) throw unknown(runtime);
    throw thrown;
  };
}

function unknown(runtime: string, names: readonly string[] = []): Failure {
  const near = nearest(runtime, names);
  const others = near === null ? `It knows ${names.join(", ")}.` : `Did you mean ${near}?`;
  return new Failure("usage", "runtime-unknown", `The engine knows no OCI runtime ${runtime}`, {
    hint:
      names.length === 0
        ? "Install it, or name its program in the table [engine.runtimes] of containers.conf(5)."
        : `${others} Others are added as "runtimes" in docker's daemon.json.`,
    details: { runtime, known: names },
  });
}

function unsupported(runtime: string, endpoint: string): Failure {
  return new Failure(
    "usage",
    "runtime-unsupported",
    `The podman at ${endpoint} cannot be asked for the OCI runtime ${runtime}`,
    {
      hint: "podman's API takes none, so debkiln starts podman itself with it, as the same user on the same machine. For this one, set `runtime` in its containers.conf(5).",
    },
  );
}
