import { readFile, readdir, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { writeTree } from "../package.ts";

const files = new URL("package/", import.meta.url);

/** What there is on this machine for a build to get. */
export interface Bait extends AsyncDisposable {
  /** A file that any user may read, with what is in it. */
  readonly secret: { readonly path: string; readonly content: string };
  /** In a variable of the command that builds. */
  readonly token: string;
  /** How often something has connected to what listens here. */
  readonly connections: () => number;
  readonly port: number;
  /** Name of an abstract socket (unix(7)). */
  readonly abstract: string;
}

/** Lays the bait: a file in a directory, a server on all addresses, and one on a socket that is no file. */
export async function layBait(directory: string): Promise<Bait> {
  const secret = { path: join(directory, "secret"), content: "what only this machine knows" };
  await writeFile(secret.path, secret.content);
  const abstract = `debkiln-hostile-${process.pid}`;
  let connections = 0;
  const servers = [createServer(), createServer()] as const;
  for (const each of servers) {
    each.on("connection", (socket) => {
      connections++;
      socket.destroy();
    });
  }
  await listen(servers[0], { port: 0, host: "0.0.0.0" });
  await listen(servers[1], { path: `\0${abstract}` });
  const address = servers[0].address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return {
    secret,
    token: "token-of-this-machine",
    connections: () => connections,
    port: address.port,
    abstract,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}

/**
 * Writes the tree of a package that tries to get at the bait, and leaves something for the next build to meet: when it is built, and
 * in its own tests, as an ordinary user and as root.
 */
export async function writeAttacker(directory: string, bait: Bait): Promise<string> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal);
  const host = {
    secret: bait.secret.path,
    token: bait.token,
    abstract: bait.abstract,
    port: bait.port,
    addresses: addresses.map(({ address }) => address).join(" "),
  };
  const lines = Object.entries(host).map(([name, value]) => `${name}='${value}'\n`);
  return writeTree(directory, {
    name: "hostile",
    files: { ...(await scripts()), ...tests, host: lines.join("") },
    build: ["bash attack.sh", "bash rise.sh", "bash plant.sh"],
  });
}

const tests = {
  "debian/tests/control": `Test-Command: bash attack.sh && bash rise.sh && bash plant.sh
Features: test-name=as-user
Restrictions: allow-stderr

Test-Command: bash attack.sh && bash plant.sh && bash alter.sh
Features: test-name=as-root
Restrictions: allow-stderr, needs-root
`,
};

/** Writes the tree of a package that only looks for what the attacker left. */
export async function writeVictim(directory: string): Promise<string> {
  return writeTree(directory, { name: "hostile-next", files: await scripts(), build: ["bash plant.sh"] });
}

/** What the packages here run, by name. */
export async function scripts(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(files);
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(new URL(name, files), "utf8")] as const),
    ),
  );
}

function listen(server: Server, where: Parameters<Server["listen"]>[0]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, resolve);
  });
}
