import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { throwIfAborted } from "../base/event.ts";
import { Failure, asFailure } from "../base/failure.ts";
import { guardedCommand } from "../base/guarded-command.ts";
import { type SocketProcess, startSocketProcess } from "./background-process.ts";
import type { Endpoint } from "./endpoint.ts";

type SshEndpoint = Extract<Endpoint, { type: "ssh" }>;

export interface TunnelOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a remote engine's socket here through OpenSSH (`-L local:remote`), with the user's own keys, agent and
 * ~/.ssh/config. One connection serves all requests, half-close included, which dial-stdio per request would not.
 * @throws Failure ssh-failed or engine-service-failed (infrastructure), in words that follow "No container engine answers at ADDRESS: ".
 */
export async function openSshTunnel(
  endpoint: SshEndpoint,
  ready: (socketPath: string) => Promise<void>,
  options: TunnelOptions,
): Promise<SocketProcess> {
  const remote = endpoint.path ?? (await remoteSocket(endpoint, options));
  const forward = (local: string) => [
    "ssh",
    ...sshOptions(endpoint),
    "-N",
    "-o",
    "ExitOnForwardFailure=yes",
    "-L",
    `${local}:${remote}`,
    "--",
    endpoint.host,
  ];
  try {
    return await startSocketProcess((local) => guardedCommand(forward(local)), ready, {
      ...options,
      name: "ssh",
      timeout: 30_000,
      hopeless: /open failed/,
    });
  } catch (thrown) {
    // The forwarding's own words are no more than "open failed". What is wrong with a path is seen over there.
    if (endpoint.path !== null && asFailure(thrown).fault !== "interrupted")
      await remoteSocket(endpoint, options);
    throw thrown;
  }
}

/**
 * The socket of the address's path, or the first engine's that the remote user can write to, rootless podman before what
 * runs as root.
 */
async function remoteSocket(endpoint: SshEndpoint, { environment, signal }: TunnelOptions): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      "ssh",
      [...sshOptions(endpoint), "--", endpoint.host, searchScript(endpoint.path)],
      { env: environment, timeout: 30_000, ...(signal === undefined ? {} : { signal }) },
    );
    const path = stdout.trim();
    if (/^\/[^:\p{Cc}]+$/u.test(path)) return path;
    throw new Error(`it answered ${JSON.stringify(path.slice(0, 200))}`);
  } catch (cause) {
    if (signal !== undefined) throwIfAborted(signal);
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    const known = typeof code === "number" ? troubles[code] : undefined;
    throw new Failure("infrastructure", "ssh-failed", known?.why ?? (said || String(cause)), {
      hint: known?.hint ?? `See that \`${sshCommand(endpoint)} true\` works without a question.`,
      cause,
    });
  }
}

function searchScript(path: string | null): string {
  if (path === null) {
    return (
      'for s in "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" /run/podman/podman.sock /var/run/docker.sock;' +
      ' do if [ -w "$s" ]; then echo "$s"; exit; fi; done; exit 73'
    );
  }
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  return `[ -S ${quoted} ] || exit 74; [ -w ${quoted} ] || exit 75; echo ${quoted}`;
}

/** By the exit codes of searchScript, which are none of a shell's or of ssh's (255). */
const troubles: Readonly<Record<number, { readonly why: string; readonly hint: string }>> = {
  73: {
    why: "that machine has no engine's socket that this user can write to",
    hint: "Start podman's socket there (`systemctl --user enable --now podman.socket`) or give its path in the address.",
  },
  74: {
    why: "there is no socket of that path on that machine, or this user may not look there",
    hint: "Give the path of an engine's socket over there, or none: then the usual places are searched.",
  },
  75: {
    why: "that machine's user may not write to this socket",
    hint: "Give a user who may use the engine (of the group docker, or root), or no path: then the usual places are searched.",
  },
};

function sshCommand({ user, port, host }: SshEndpoint): string {
  return `ssh ${port === null ? "" : `-p ${port} `}${user === null ? "" : `${user}@`}${host}`;
}

/** Nobody is there to answer a question, and a dead connection must be noticed. */
function sshOptions({ user, port }: SshEndpoint): string[] {
  return [
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=15",
    "-o",
    "ServerAliveInterval=15",
    ...(user === null ? [] : ["-l", user]),
    ...(port === null ? [] : ["-p", String(port)]),
  ];
}
