import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";

/** Debian's docker-registry on this machine, without TLS. Disposing ends it and removes what it holds. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
}

export interface DockerRegistryOptions {
  /** A file of logins as htpasswd(1) writes it with bcrypt. */
  readonly htpasswd?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export async function startDockerRegistry({
  htpasswd,
  tls,
}: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const directory = await mkdtemp(join(tmpdir(), "debkiln-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: directory }, delete: { enabled: true } },
    http: { addr: host, ...(tls === undefined ? {} : { tls }) },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "test", path: htpasswd } } }),
  };
  const file = join(directory, "config.yml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(configuration));
  const process = execa("docker-registry", ["serve", file], { stdio: "ignore", reject: false });
  await answers(host);
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      process.kill();
      await process;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(host: string): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await listens(host)) return;
    await delay(50);
  }
  throw new Error(`docker-registry does not answer at ${host}`);
}

function listens(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(host.split(":")[1]), "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
