import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";

/** A place where an engine may be. `service` is podman's binary, of which a private service is started. */
export interface Candidate {
  /** Where the idea comes from, for messages: `DOCKER_HOST`, `rootless podman`. */
  readonly origin: string;
  readonly place: Endpoint | { readonly type: "service" };
}

export interface Seeker {
  /** `--engine` or DEBKILN_ENGINE; the words podman and docker narrow the search. */
  readonly endpoint: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly uid: number;
}

/**
 * The places to try, in order. An endpoint that was asked for is the only one; a user who is not root gets podman
 * without root before anything that runs as root.
 */
export function candidatesFor({ endpoint, environment, uid }: Seeker): readonly Candidate[] {
  if (endpoint !== undefined && endpoint !== "" && !isWord(endpoint)) {
    return [{ origin: "the given engine", place: parseEndpoint(endpoint) }];
  }
  const rootless = uid === 0 ? [] : rootlessSockets(environment, uid);
  const podman = [...rootless, service, ...(uid === 0 ? [] : [rootful])];
  const order: Readonly<Record<Word, readonly Candidate[]>> = {
    podman: [...fromVariable("CONTAINER_HOST", environment), ...(uid === 0 ? [rootful] : []), ...podman],
    docker: [...fromVariable("DOCKER_HOST", environment), docker],
  };
  if (endpoint !== undefined && isWord(endpoint)) return order[endpoint];
  return [...fromVariable("DOCKER_HOST", environment), ...order.podman, docker];
}

/** Whether somebody named it, who will want to know when it is not the one that is taken. */
export function isOfVariable({ origin }: Candidate): boolean {
  return variables.some((name) => name === origin);
}

const variables = ["DOCKER_HOST", "CONTAINER_HOST"] as const;

type Word = "podman" | "docker";

function isWord(text: string): text is Word {
  return text === "podman" || text === "docker";
}

const service: Candidate = { origin: "podman's binary", place: { type: "service" } };
const rootful: Candidate = {
  origin: "rootful podman",
  place: { type: "unix", path: "/run/podman/podman.sock" },
};
const docker: Candidate = { origin: "docker", place: { type: "unix", path: "/var/run/docker.sock" } };

/** `podman system service`'s usual socket of a user; the second for shells without XDG_RUNTIME_DIR (su, cron). */
function rootlessSockets(environment: NodeJS.ProcessEnv, uid: number): readonly Candidate[] {
  const runtime = environment["XDG_RUNTIME_DIR"] ?? "";
  const directories = new Set([...(runtime.startsWith("/") ? [runtime] : []), `/run/user/${uid}`]);
  return [...directories].map((directory) => ({
    origin: "rootless podman",
    place: { type: "unix", path: join(directory, "podman/podman.sock") },
  }));
}

function fromVariable(
  name: (typeof variables)[number],
  environment: NodeJS.ProcessEnv,
): readonly Candidate[] {
  const value = environment[name] ?? "";
  if (value === "") return [];
  try {
    return [{ origin: name, place: parseEndpoint(value) }];
  } catch (cause) {
    throw new Failure(
      "usage",
      "bad-endpoint",
      `${name} is ${JSON.stringify(value)}, which is not an engine's address`,
      {
        hint: `Set ${name} to unix:///path, tcp://host:port or ssh://user@host, or unset it.`,
        cause,
      },
    );
  }
}
