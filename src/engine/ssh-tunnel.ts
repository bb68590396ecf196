import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Failure } from "../base/failure.ts";
import { type SocketProcess, startSocketProcess } from "./background-process.ts";
import { type Endpoint, endpointText } from "./endpoint.ts";

type SshEndpoint = Extract<Endpoint, { type: "ssh" }>;

/**
 * Brings a remote engine's socket here through OpenSSH (`-L local:remote`), with the user's own keys, agent and
 * ~/.ssh/config. One connection serves all requests, half-close included, which dial-stdio per request would not.
 * @throws Failure ssh-failed or engine-service-failed (infrastructure).
 */
export async function openSshTunnel(
  endpoint: SshEndpoint,
  ready: (socketPath: string) => Promise<void>,
  environment: NodeJS.ProcessEnv,
): Promise<SocketProcess> {
  const remote = endpoint.path ?? (await remoteSocket(endpoint, environment));
  return await startSocketProcess(
    (local) => [
      "ssh",
      ...sshOptions(endpoint),
      "-N",
      "-o",
      "ExitOnForwardFailure=yes",
      "-L",
      `${local}:${remote}`,
      "--",
      endpoint.host,
    ],
    ready,
    { environment, timeout: 30_000 },
  );
}

/** The first engine's socket that the remote user can write to, rootless podman before what runs as root. */
async function remoteSocket(endpoint: SshEndpoint, environment: NodeJS.ProcessEnv): Promise<string> {
  const script =
    'for s in "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" /run/podman/podman.sock /var/run/docker.sock;' +
    ' do if [ -w "$s" ]; then echo "$s"; exit; fi; done; exit 3';
  try {
    const { stdout } = await promisify(execFile)(
      "ssh",
      [...sshOptions(endpoint), "--", endpoint.host, script],
      {
        env: environment,
        timeout: 30_000,
      },
    );
    const path = stdout.trim();
    if (/^\/[^:\p{Cc}]+$/u.test(path)) return path;
    throw new Error(`it answered ${JSON.stringify(path.slice(0, 200))}`);
  } catch (cause) {
    const none = cause instanceof Error && "code" in cause && cause.code === 3;
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    const why = none ? "it has no engine's socket that this user can write to" : said || String(cause);
    throw new Failure("infrastructure", "ssh-failed", `No engine through ${endpointText(endpoint)}: ${why}`, {
      hint: none
        ? "Start podman's socket there (`systemctl --user enable --now podman.socket`) or give its path in the address."
        : `See that \`ssh ${endpoint.host} true\` works without a question.`,
      cause,
    });
  }
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
